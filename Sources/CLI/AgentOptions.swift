package import ArgumentParser

/// Every setting of the agent. `energyctl doctor` takes the same, so that it can be run with an agent's flags as they
/// are.
package struct AgentOptions: ResolvableOptions {
    @OptionGroup package var file: FileOption

    @OptionGroup(title: "Paths") package var paths: PathOptions
    @OptionGroup(title: "Measuring") package var measuring: MeasuringOptions
    @OptionGroup(title: "Power") package var power: PowerOptions
    @OptionGroup(title: "Kubernetes") package var kubernetes: KubernetesOptions
    @OptionGroup(title: "Metrics") package var metrics: MetricOptions
    @OptionGroup(title: "OTLP") package var otlp: OTLPOptions
    @OptionGroup(title: "History") package var history: HistoryOptions
    @OptionGroup(title: "Agent") package var serving: ServingOptions

    package init() {}

    package var groups: [any SettingOptions] { [paths, measuring, power, kubernetes, metrics, otlp, history, serving] }
}
