internal import Agent
internal import ArgumentParser
internal import Engine
internal import Linux
internal import Logging

@main
struct Main {
    static func main() async {
        // While there is but one thread: later ones have what this one has.
        Privileges.reduce()
        await runCommand(Energyd.self)
    }
}

/// The agent's command line.
struct Energyd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energyd",
        abstract: "Energy and CO2 of this node's containers, pods, services and processes.",
        discussion: """
            Accounts CPU time per cgroup in the kernel, joins it with the node's power (RAPL where there is a meter, \
            an estimate marked as such where there is none) and serves the result over HTTP: /metrics for Prometheus, \
            /api/v1/snapshot as JSON. Look at it with `energyctl top`.

            Needs root or CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH; with less it does what it can and says what \
            is missing.

            EXAMPLES:
              energyd                                   everything by default, on 127.0.0.1:9464
              energyd --carbon.zone DE --carbon.pue 1.3 emissions for a German data centre
              energyd --web.listen-address :9464        reachable from other hosts
            """,
        version: energydVersion)

    @OptionGroup var options: AgentOptions

    func run() async throws {
        let (level, format) = (options.logLevel, options.logFormat)
        LoggingSystem.bootstrap { _ in LogOutput(level: level, format: format) }
        let logger = Logger(label: "energyd")
        let web = options.web
        guard let listen = web.listen else { throw ValidationError("--web.listen-address must be HOST:PORT.") }
        logger.info("energyd starts", metadata: ["version": "\(energydVersion)"])
        do {
            let configuration = options.configuration
            let (kubernetes, metrics) = (
                options.kubernetes.configuration(nodeName: configuration.nodeName), options.metrics.selection
            )
            try await options.engine.power.polling(configuration) { configuration in
                var agent = Agent(
                    configuration: configuration, listen: listen, socketPath: web.socketPath, kubernetes: kubernetes,
                    metrics: metrics, logger: logger)
                agent.socketMode = web.socketMode ?? agent.socketMode
                try await agent.run()
            }
        } catch let error as AgentError {
            logger.critical("\(error)")
            throw ExitCode(error.isConfiguration ? 2 : 1)
        } catch {
            logger.critical("\(error)")
            throw ExitCode.failure
        }
    }
}
