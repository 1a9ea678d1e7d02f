package import ArgumentParser
package import Engine
internal import PowerSources

/// The options about meters; docs/meters.md.
package struct PowerOptions: ParsableArguments {
    @Option(
        name: .customLong("power.sources"),
        help: ArgumentHelp(
            "Power sources in order of preference, separated by commas.",
            discussion: "Of \(SourceKind.allCases.map(\.rawValue).joined(separator: ",")); this is also the default.",
            valueName: "list"))
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

    package init() {}

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
package struct SourceList: ExpressibleByArgument, Sendable, Equatable {
    let kinds: [SourceKind]

    package init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        kinds = names.compactMap { SourceKind(rawValue: String($0)) }
        guard kinds.count == names.count, Set(kinds).count == kinds.count else { return nil }
    }
}
