package import ArgumentParser

/// The machine and how it is measured: the same for the agent and for `energyctl` without an agent.
package struct EngineOptions: ResolvableOptions {
    @OptionGroup package var file: FileOption
    @OptionGroup package var paths: PathOptions
    @OptionGroup package var measuring: MeasuringOptions
    @OptionGroup package var power: PowerOptions

    package init() {}

    package var groups: [any SettingOptions] { [paths, measuring, power] }
}
