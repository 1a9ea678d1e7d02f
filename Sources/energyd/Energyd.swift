internal import Agent
internal import ArgumentParser
internal import CLI
internal import Composition
internal import Engine
internal import History
internal import Kubernetes
internal import Linux
internal import Logging
internal import Pushing
internal import Settings
internal import Telemetry

@main
struct Main {
    static func main() async {
        helpIfAsked()
        // While there is only one thread: later ones inherit its capabilities.
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

            Runs as root or with CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH. With fewer privileges it measures less, \
            and reports what is missing; `energyctl doctor` has the remedies.

            Every option below can also be set in the environment (ENERGYD_CARBON_ZONE=DE) and in a file \
            (carbon.zone = DE in \(AgentDefaults.configurationFile)). Options win over the environment, the \
            environment over the file. `energyd config` shows what is in force.

            EXAMPLES
              energyd                                 all defaults, on 127.0.0.1:9464
              energyd --carbon.zone DE --carbon.pue 1.3       a data centre in Germany
              energyd --web.listen-address :9464      reachable from other hosts
              energyd --otlp.endpoint http://collector:4318   pushed by OTLP as well
              energyd config                          what is in force, and why

            EXIT STATUS
              0 stopped by a signal, 1 cannot run, 2 wrong options or configuration
            """,
        version: energydBuild, subcommands: [Config.self, Completion.self])

    @OptionGroup var options: AgentOptions

    func run() async throws {
        let resolved = try options.resolve()
        let values = resolved.values
        let journal = HostEnvironment.current().variables["JOURNAL_STREAM"]
        LoggingSystem.bootstrap { _ in
            LogOutput(level: values.log.level, format: values.log.format, journal: journal)
        }
        let logger = Logger(label: "energyd")
        logger.info(
            "starting", metadata: ["version": "\(energydBuild)", "configuration": "\(resolved.file ?? "no file")"])
        for remark in resolved.remarks { logger.warning("\(remark.finding)", metadata: ["remedy": "\(remark.remedy)"]) }
        do {
            try await withLiveSources(values) { configuration in
                var agent = Agent(
                    configuration: configuration, listen: values.web.listen, socketPath: values.web.socketPath,
                    kubernetes: KubernetesConfiguration(values), metrics: values.metrics, logger: logger)
                agent.hosts = values.web.hosts
                agent.resource = Resource(
                    values, isInPod: resolved.origin(of: .nodeName) == .host("NODE_NAME"))
                agent.push = PushSettings(values.otlp)
                agent.history = HistorySettings(values.history)
                agent.socketMode = values.web.socketMode
                agent.makesRunCgroups = values.web.makesRunCgroups
                agent.access = AccessFiles(values.web)
                agent.reviews = KubernetesConfiguration(reviews: values)
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
