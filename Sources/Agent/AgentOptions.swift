package import ArgumentParser
internal import Attribution
package import Engine
package import Logging

/// Everything that the agent can be told; `energyctl doctor` takes the same, so that it can be run with an agent's
/// flags as they are.
package struct AgentOptions: ParsableArguments {
    @OptionGroup(title: "Measuring") package var engine: EngineOptions

    @OptionGroup(title: "Kubernetes") package var kubernetes: KubernetesOptions

    @OptionGroup(title: "Metrics") package var metrics: MetricOptions

    @OptionGroup(title: "Serving") package var web: WebOptions

    @Option(
        name: .customLong("state.file"),
        help: ArgumentHelp(
            "File in which the totals survive a restart of the agent, until the next boot.",
            discussion: "Without it counters start at zero.", valueName: "file"))
    package var stateFile: String?

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
    package var logLevel = Logger.Level.info

    @Option(name: .customLong("log.format"), help: "Shape of the log on standard error.")
    package var logFormat = LogFormat.text

    package init() {}

    package mutating func validate() throws {
        if engine.staticPolicy == .requests, kubernetes.source == .off {
            throw ValidationError(
                "--attribution.static requests needs to know what pods request: give --kubernetes api or kubelet.")
        }
    }

    /// The engine's configuration as the options have it.
    package var configuration: EngineConfiguration {
        var configuration = engine.configuration
        configuration.stateFile = stateFile
        configuration.rollUps = kubernetes.rollUps
        return configuration
    }
}
