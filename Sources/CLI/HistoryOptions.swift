package import ArgumentParser
internal import Settings

/// What is kept of the past.
package struct HistoryOptions: SettingOptions {
    @Option(.historyPath) package var path: FlagValue?
    @Option(.historySize) package var size: FlagValue?
    @Option(.historyMinutes) package var minutes: FlagValue?
    @Option(.historyHours) package var hours: FlagValue?

    package init() {}
}
