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
    /// - Parameters:
    ///   - accounting: in place of the machine's, for tests.
    ///   - isDetached: false to do in the tick what may hang, so that a test in virtual time finds it done.
    package init(
        _ configuration: EngineConfiguration, accounting: (any Accounting)? = nil, isDetached: Bool = true,
        logger: Logger
    ) throws {
        let paths = configuration.paths
        let meters = MeterSet(configuration, logger: logger)
        self.init(
            accounting: try accounting ?? openAccounting(configuration.accounting, logger: logger),
            meters: meters,
            attributor: NodeAttributor(configuration, fallback: meters.fallback),
            names: try configuration.hostNames(isDetached: isDetached),
            ledger: Ledger(
                retention: Seconds(configuration.retention).value, retentionLimit: configuration.retentionLimit,
                workloadLimit: configuration.workloadLimit,
                hierarchies: CgroupTree.all(paths).map(\.root),
                accounts: Accounts(rootfs: paths.rootfs).platforms()),
            rates: configuration.carbon,
            files: CgroupFileReader(
                tree: CgroupTree(cgroupfs: paths.cgroupfs), readsPressure: configuration.accounting.tracksWaits),
            hardware: HardwareFacts(paths))
        stateFile = try configuration.stateFile.flatMap { path in
            guard isDetached else { return StateFile(path: path, procfs: paths.procfs, logger: logger) }
            let (disk, probe) = (try BoundedWork(), PathProbe(parentDirectory(of: path)))
            return StateFile(path: path, procfs: paths.procfs, logger: logger) { seconds, work in
                disk.run(within: seconds) {
                    probe?.wait()
                    work()
                }
            }
        }
    }
}

extension EngineConfiguration {
    /// Log directories are listed on a thread of their own: their file system may hang.
    fileprivate func hostNames(isDetached: Bool) throws(HostError) -> HostNames {
        let logs = readsLogDirectories ? paths.logs : nil
        guard isDetached, logs != nil else { return HostNames(logs: logs, feed: names) }
        let (thread, probe) = (try WorkThread(), PathProbe(paths.logs))
        return HostNames(logs: logs, feed: names) { work in
            thread.run {
                probe?.wait()
                work()
            }
        }
    }
}

extension Engine {
    /// An engine for this machine; see ``EngineParts``.
    package convenience init(configuration: EngineConfiguration, logger: Logger) throws {
        try self.init(EngineParts(configuration, logger: logger), configuration: configuration, logger: logger)
    }
}
