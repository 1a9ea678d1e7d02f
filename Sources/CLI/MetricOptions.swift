package import ArgumentParser
internal import Settings

/// Which metrics `/metrics` has.
package struct MetricOptions: SettingOptions {
    @Option(.metricsLevels) package var levels: FlagValue?
    @Option(.metricsProcesses) package var processLimit: FlagValue?

    package init() {}
}
