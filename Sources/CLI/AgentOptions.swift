package import ArgumentParser
package import Settings

/// Every setting of the agent. `energyctl doctor` takes the same, so that it can be run with an agent's flags as they
/// are.
package struct AgentOptions: SettingOptions {
    @Option(
        name: .customLong(Layers.fileKey),
        help: ArgumentHelp(
            "Configuration file; none for none. (default: \(AgentDefaults.configurationFile) where that exists)",
            valueName: "file"),
        completion: .file())
    package var file: String?

    @OptionGroup(title: "Paths") package var paths: PathOptions
    @OptionGroup(title: "Measuring") package var measuring: MeasuringOptions
    @OptionGroup(title: "Power") package var power: PowerOptions
    @OptionGroup(title: "Kubernetes") package var kubernetes: KubernetesOptions
    @OptionGroup(title: "Metrics") package var metrics: MetricOptions
    @OptionGroup(title: "Agent") package var serving: ServingOptions

    package init() {}

    package var groups: [any SettingOptions] { [paths, measuring, power, kubernetes, metrics, serving] }

    /// What is in force with these flags, the environment and the file.
    package func resolve(in surroundings: Surroundings = .current()) throws(ConfigurationError) -> ResolvedConfiguration
    {
        try Layers.resolve(flags: assignments, file: file, in: surroundings)
    }
}
