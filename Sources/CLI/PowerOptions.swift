package import ArgumentParser
package import Settings

/// Meters; docs/meters.md.
package struct PowerOptions: SettingOptions {
    @Option(.powerSources) package var sources: FlagValue?
    @Flag(.attributesPlatform) package var attributesPlatform: Bool?
    @Option(.hostTree) package var hostTree: FlagValue?
    @Option(.idlePower) package var idle: FlagValue?
    @Option(.powerModel) package var powerModel: FlagValue?
    @Option(.redfishURL) package var redfishURL: FlagValue?
    @Option(.redfishCredentials) package var redfishCredentials: FlagValue?
    @Option(.redfishAuthority) package var redfishAuthority: FlagValue?
    @Flag(.redfishInsecure) package var redfishInsecure: Bool?
    @Flag(.redfishPlain) package var redfishPlain: Bool?
    @Option(.redfishInterval) package var redfishInterval: FlagValue?

    package init() {}

    package var toggles: [(setting: Setting, isOn: Bool?)] {
        [
            (.attributesPlatform, attributesPlatform), (.redfishInsecure, redfishInsecure),
            (.redfishPlain, redfishPlain),
        ]
    }
}
