package import ArgumentParser
package import Settings

/// What `/metrics` has.
package struct MetricOptions: SettingOptions {
    @Option(.metricsLevels) package var levels: FlagValue?
    @Option(.metricsProcesses) package var processLimit: FlagValue?
    @Option(.metricsLabels) package var labels: FlagValue?
    @Option(.nameWait) package var nameWait: FlagValue?
    @Option(.metricsZeroTime) package var zeroTime: FlagValue?
    @Flag(.metricsConventions) package var usesConventionalNames: Bool?

    @Flag(.metricsScope) package var namesScope: Bool?
    @Flag(.metricsCreated) package var tellsCreation: Bool?
    @Option(.kepler) package var kepler: FlagValue?

    package init() {}

    package var toggles: [(setting: Setting, isOn: Bool?)] {
        [
            (.metricsConventions, usesConventionalNames), (.metricsScope, namesScope), (.metricsCreated, tellsCreation),
        ]
    }
}
