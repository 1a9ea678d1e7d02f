internal import Agent
internal import ArgumentParser
internal import Energy
internal import Engine
internal import Host
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

    @OptionGroup(title: "Measuring") var engine: EngineOptions

    @OptionGroup(title: "Kubernetes") var kubernetes: KubernetesOptions

    @OptionGroup(title: "Metrics") var metrics: MetricOptions

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp("Address to serve HTTP on; `:9464` for every interface.", valueName: "host:port"),
        transform: { text in
            guard let address = ListenAddress(argument: text) else {
                throw ValidationError("expected HOST:PORT, such as 127.0.0.1:9464 or :9464, not '\(text)'.")
            }
            return address
        })
    var listen = ListenAddress(argument: AgentDefaults.listenAddress)

    @Option(
        name: .customLong("web.socket"),
        help: ArgumentHelp(
            "Unix socket for local clients; `none` for none. (default: \(AgentDefaults.socketPath ?? "none"))",
            valueName: "path"))
    var socket: String?

    @Option(
        name: .customLong("state.file"),
        help: ArgumentHelp(
            "File in which the totals survive a restart of the agent, until the next boot.",
            discussion: "Without it counters start at zero.", valueName: "file"))
    var stateFile: String?

    @Option(
        name: .customLong("log.level"),
        help: ArgumentHelp(
            "Lowest level that is logged. (default: info)", valueName: "trace|debug|info|notice|warning|error|critical"),
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("'\(text)' is not one of trace, debug, info, notice, warning, error, critical.")
            }
            return level
        })
    var logLevel = Logger.Level.info

    @Option(name: .customLong("log.format"), help: "Shape of the log on standard error.")
    var logFormat = LogFormat.text

    func validate() throws {
        if engine.staticPolicy == .requests, kubernetes.source == .off {
            throw ValidationError(
                "--attribution.static requests needs to know what pods request: give --kubernetes api or kubelet.")
        }
    }

    func run() async throws {
        let (level, format) = (logLevel, logFormat)
        LoggingSystem.bootstrap { _ in LogOutput(level: level, format: format) }
        let logger = Logger(label: "energyd")
        guard let listen else { throw ValidationError("--web.listen-address must be HOST:PORT.") }
        let path = socket ?? AgentDefaults.socketPath
        logger.info("energyd starts", metadata: ["version": "\(energydVersion)"])
        do {
            var configuration = engine.configuration
            configuration.stateFile = stateFile
            configuration.rollUps = kubernetes.rollUps
            let (kubernetes, metrics) = (
                kubernetes.configuration(nodeName: configuration.nodeName), metrics.selection
            )
            try await engine.power.polling(configuration) { configuration in
                let agent = Agent(
                    configuration: configuration, listen: listen, socketPath: path == "none" ? nil : path,
                    kubernetes: kubernetes, metrics: metrics, logger: logger)
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
