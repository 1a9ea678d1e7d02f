package import ArgumentParser
package import Settings

/// Where metrics are sent to.
package struct OTLPOptions: SettingOptions {
    @Option(.otlpEndpoint) package var endpoint: FlagValue?
    @Option(.otlpHeaders) package var headers: FlagValue?
    @Option(.otlpHeadersFile) package var headersFile: FlagValue?
    @Option(.otlpProtocol) package var wireProtocol: FlagValue?
    @Option(.otlpCompression) package var compression: FlagValue?
    @Option(.otlpInterval) package var interval: FlagValue?
    @Option(.otlpTimeout) package var timeout: FlagValue?
    @Option(.otlpAuthority) package var authority: FlagValue?
    @Option(.otlpCertificate) package var certificate: FlagValue?
    @Option(.otlpKey) package var key: FlagValue?
    @Flag(.otlpResources) package var hasResourcePerWorkload: Bool?
    @Option(.otlpQueue) package var queue: FlagValue?
    @Option(.otlpQueueLimit) package var queueLimit: FlagValue?
    @Option(.resourceAttributes) package var attributes: FlagValue?

    package init() {}

    package var toggles: [(setting: Setting, isOn: Bool?)] { [(.otlpResources, hasResourcePerWorkload)] }
}
