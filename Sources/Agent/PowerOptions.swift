package import ArgumentParser
package import Engine
package import Metering
internal import MeteringHTTP

/// The options about meters; docs/meters.md.
package struct PowerOptions: ParsableArguments {
    @Option(
        name: .customLong("power.sources"),
        help: ArgumentHelp(
            "Power sources in order of preference, separated by commas.",
            discussion: "Of \(SourceList.known); this is also the default.",
            valueName: "list"),
        transform: { text in
            guard let list = SourceList(argument: text) else {
                throw ValidationError("expected some of \(SourceList.known), each once, not '\(text)'.")
            }
            return list
        })
    package var sources: SourceList?

    @Flag(
        name: .customLong("power.attribute-platform"),
        help: "Divide what only the node's own meter sees (fans, disks, losses) among the workloads too.")
    package var attributesPlatform = false

    @Option(
        name: .customLong("power.host"),
        help: ArgumentHelp(
            "Powercap tree that the host of this virtual machine shares with it.", valueName: "dir"))
    package var hostTree: String?

    @Option(
        name: .customLong("power.redfish.url"),
        help: ArgumentHelp("Redfish service of this node's BMC.", valueName: "https://host"))
    package var redfishURL: String?

    @Option(
        name: .customLong("power.redfish.credentials"),
        help: ArgumentHelp("File whose first line is USER:PASSWORD.", valueName: "file"))
    package var redfishCredentials: String?

    @Option(
        name: .customLong("power.redfish.ca"),
        help: ArgumentHelp(
            "PEM file of the authorities that the BMC's certificate is checked against. (default: the system's)",
            valueName: "file"))
    package var redfishAuthority: String?

    @Flag(name: .customLong("power.redfish.insecure"), help: "Do not check the BMC's certificate.")
    package var redfishInsecure = false

    @Flag(
        name: .customLong("power.redfish.allow-http"),
        help: "Accept an http:// URL, though the password is then sent in clear.")
    package var redfishPlain = false

    @Option(
        name: .customLong("power.redfish.interval"), parsing: .unconditional,
        help: ArgumentHelp("Time between two readings, 1s to 5m.", valueName: "time"))
    package var redfishInterval = TimeSpan(.seconds(10))

    package init() {}

    package mutating func validate() throws {
        if let redfishURL, !RedfishSettings.isValid(url: redfishURL, allowsPlain: redfishPlain) {
            throw ValidationError(
                "--power.redfish.url must be https://HOST or https://HOST:PORT, without user, password or path; http:// "
                    + "only to this machine or with --power.redfish.allow-http: the password would be sent in clear.")
        }
        guard redfishInterval.duration >= .seconds(1), redfishInterval.duration <= .seconds(300) else {
            throw ValidationError("--power.redfish.interval must lie between 1s and 5m.")
        }
    }

    private var redfish: RedfishSettings? {
        guard let redfishURL else { return nil }
        var settings = RedfishSettings(url: redfishURL)
        settings.credentialsFile = redfishCredentials
        settings.authorityFile = redfishAuthority
        settings.verifiesCertificate = !redfishInsecure
        settings.interval = redfishInterval.duration / .seconds(1)
        return settings
    }

    /// Runs `body` with the meters that are polled over the network, which end with it.
    package func polling<Result: Sendable>(
        _ configuration: EngineConfiguration,
        _ body: nonisolated(nonsending) (EngineConfiguration) async throws -> Result
    ) async throws -> Result {
        guard let redfish else { return try await body(configuration) }
        let poller = RedfishPoller(redfish)
        var configuration = configuration
        configuration.power.redfish = (poller.mailbox, redfish.interval)
        let task = Task.detached { await poller.run() }
        do {
            let result = try await body(configuration)
            task.cancel()
            await task.value
            return result
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }

    /// As the engine takes it.
    package var configuration: PowerConfiguration {
        var configuration = PowerConfiguration()
        if let sources {
            configuration.sources = sources.kinds
            configuration.isExplicit = true
        }
        configuration.attributesPlatform = attributesPlatform
        configuration.hostTree = hostTree
        return configuration
    }
}

/// `rapl,perf,model`: each at most once.
package struct SourceList: Sendable, Equatable {
    let kinds: [SourceKind]

    static let known = SourceKind.allCases.map(\.rawValue).joined(separator: ",")

    package init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        kinds = names.compactMap { SourceKind(rawValue: String($0)) }
        guard kinds.count == names.count, Set(kinds).count == kinds.count else { return nil }
    }
}
