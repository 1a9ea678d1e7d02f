package import ArgumentParser
package import Settings

/// How CPU time is accounted and energy divided.
package struct MeasuringOptions: SettingOptions {
    @Option(.interval) package var interval: FlagValue?
    @Option(.retention) package var retention: FlagValue?
    @Option(.nodeName) package var nodeName: FlagValue?
    @Option(.tier) package var tier: FlagValue?
    @Option(.processes) package var processes: FlagValue?
    @Option(.processLimit) package var processLimit: FlagValue?
    @Option(.cgroupLimit) package var cgroupLimit: FlagValue?
    @Flag(.tracksWaits) package var tracksWaits: Bool?
    @Option(.counters) package var counters: FlagValue?
    @Option(.counterBudget) package var counterBudget: FlagValue?
    @Option(.names) package var names: FlagValue?
    @Option(.attribution) package var attribution: FlagValue?
    @Option(.staticPolicy) package var staticPolicy: FlagValue?
    @Option(.carbonZone) package var carbonZone: FlagValue?
    @Option(.carbonIntensity) package var carbonIntensity: FlagValue?
    @Option(.pue) package var pue: FlagValue?
    @Option(.price) package var price: FlagValue?

    package init() {}

    package var toggles: [(setting: Setting, isOn: Bool?)] { [(.tracksWaits, tracksWaits)] }
}
