package import Engine
internal import Linux
internal import Metering
internal import MeteringHTTP
internal import Names
package import Settings

/// Runs `body` with an engine configuration whose background sources run: the poller of the BMC, and the readers of
/// local names. The poller ends with `body`.
package func withLiveSources<Result: Sendable>(
    _ values: AgentConfiguration,
    _ body: nonisolated(nonsending) (EngineConfiguration) async throws -> Result
) async throws -> Result {
    var configuration = EngineConfiguration(values)
    let feed = NameFeed()
    if !values.names.local.isEmpty {
        let thread = try WorkThread()
        LocalNames(values.names.local, paths: values.paths) { thread.run(after: $0, $1) }.connect(feed)
    }
    configuration.names = feed
    guard let settings = RedfishSettings(values.power.redfish, paths: values.paths) else {
        return try await body(configuration)
    }
    let poller = RedfishPoller(settings)
    configuration.power.redfish = (poller.mailbox, settings.interval)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await poller.run() }
        defer { group.cancelAll() }
        return try await body(configuration)
    }
}

extension RedfishSettings {
    /// Nil where no BMC is read.
    init?(_ values: RedfishValues, paths: HostPaths) {
        guard let url = values.url else { return nil }
        self.init(url: url)
        credentialsFile = values.credentialsFile
        authorityFile = values.authorityFile
        verifiesCertificate = values.verifiesCertificate
        interval = values.interval / .seconds(1)
        // Root's to read; without it there are other ways to find this node.
        systemUUID = try? readText(paths.sysfs + "/class/dmi/id/product_uuid", limit: 64)
    }
}
