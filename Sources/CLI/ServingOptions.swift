package import ArgumentParser
package import Settings

/// What the agent serves, keeps and logs.
package struct ServingOptions: SettingOptions {
    @Option(.listen) package var listen: FlagValue?
    @Option(.webHosts) package var webHosts: FlagValue?
    @Option(.webConfig) package var webConfig: FlagValue?
    @Option(.webTokens) package var webTokens: FlagValue?
    @Flag(.webReview) package var webReview: Bool?
    @Option(.socket) package var socket: FlagValue?
    @Option(.socketMode) package var socketMode: FlagValue?
    @Flag(.runRequests) package var makesRunCgroups: Bool?
    @Option(.stateFile) package var stateFile: FlagValue?
    @Option(.memoryLimit) package var memoryLimit: FlagValue?
    @Option(.logLevel) package var logLevel: FlagValue?
    @Option(.logFormat) package var logFormat: FlagValue?

    package init() {}

    package var toggles: [(setting: Setting, isOn: Bool?)] {
        [(.webReview, webReview), (.runRequests, makesRunCgroups)]
    }
}
