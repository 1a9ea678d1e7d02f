package import Accounting
internal import Attribution
package import Engine
internal import Ledger
internal import Linux
package import Logging
internal import Metering
internal import Names
internal import Units

extension EngineParts {
    /// The parts of this machine: the best accounting that it allows, and every meter that it has.
    ///
    /// Throws only where no other tier would help: `/proc` cannot be read, or a configured tier is not available.
    ///
    /// - Parameter accounting: in place of the machine's, for tests.
    package init(
        _ configuration: EngineConfiguration, accounting: (any Accounting)? = nil, logger: Logger
    ) throws {
        let paths = configuration.paths
        let meters = MeterSet(configuration, logger: logger)
        self.init(
            accounting: try accounting ?? openAccounting(configuration.accounting, logger: logger),
            meters: meters,
            attributor: NodeAttributor(configuration, fallback: meters.fallback),
            names: HostNames(
                logs: configuration.readsLogDirectories ? paths.logs : nil, feed: configuration.names),
            ledger: Ledger(
                retention: Seconds(configuration.retention).value, retentionLimit: configuration.retentionLimit,
                workloadLimit: configuration.workloadLimit,
                hierarchies: CgroupTree.all(paths).map(\.root)),
            rates: configuration.carbon,
            files: CgroupFileReader(
                tree: CgroupTree(cgroupfs: paths.cgroupfs), readsPressure: configuration.accounting.tracksWaits),
            hardware: HardwareFacts(paths))
        stateFile = configuration.stateFile.flatMap { StateFile(path: $0, procfs: paths.procfs, logger: logger) }
    }
}

extension Engine {
    /// An engine for this machine; see ``EngineParts``.
    package convenience init(configuration: EngineConfiguration, logger: Logger) throws {
        try self.init(EngineParts(configuration, logger: logger), configuration: configuration, logger: logger)
    }
}
