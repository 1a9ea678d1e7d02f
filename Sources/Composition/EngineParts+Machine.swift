package import Accounting
internal import Attribution
package import Engine
internal import Ledger
internal import Linux
package import Logging
internal import Metering
internal import Names
internal import Units
internal import Workloads

extension EngineParts {
    /// The parts of an engine for a machine, this one or a recorded one.
    ///
    /// The state file is not among them; see ``init(_:accounting:isDetached:logger:)``.
    package init(_ configuration: EngineConfiguration, facts: MachineFacts, inputs: MachineInputs, logger: Logger) {
        let fallback = PowerFallback(
            cpu: facts.hardware.cpu, memoryBytes: facts.hardware.memoryBytes,
            estimates: configuration.power.sources.contains(.estimate), modelPath: configuration.powerModelPath
        ) { (path) throws(HostError) in
            guard let known = facts.powerModel else { return try PowerModelFile.read(path) }
            return try known.get()
        }
        self.init(
            accounting: inputs.accounting,
            meters: MeterSet(meters: inputs.meters, fallback: fallback, logger: logger) {
                facts.sockets.contains(UInt64($0))
            },
            attributor: NodeAttributor(configuration, fallback: fallback, threads: facts.threads), names: inputs.names,
            ledger: Ledger(
                retention: Seconds(configuration.retention).value, retentionLimit: configuration.retentionLimit,
                workloadLimit: configuration.workloadLimit, groundOf: inputs.groundOf, isShared: inputs.isShared),
            rates: configuration.carbon,
            files: CgroupFileReader(
                root: facts.cgroupRoot, readsPressure: configuration.accounting.tracksWaits, files: inputs.cgroupFiles),
            hardware: facts.hardware, cpuTimes: inputs.cpuTimes)
        clock = inputs.clock
        ownUsage = inputs.ownUsage
    }

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
        self.init(
            configuration, facts: MachineFacts(configuration),
            inputs: try MachineInputs(
                configuration, accounting: accounting, isDetached: isDetached, logger: logger), logger: logger)
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

extension MachineFacts {
    /// Those of this machine.
    package init(_ configuration: EngineConfiguration) {
        let paths = configuration.paths
        let tree = CgroupTree(cgroupfs: paths.cgroupfs)
        self.init(
            hardware: HardwareFacts(paths), threads: max(1, CPUTimes(procfs: paths.procfs)?.cpus.count ?? 1),
            sockets: physicalPackages(sysfs: paths.sysfs),
            cgroupRoot: tree.flatMap { $0.version == .unified ? $0.root : nil },
            powerModel: configuration.powerModelPath.map { path in
                Result { () throws(HostError) in try PowerModelFile.read(path) }
            })
    }
}

extension MachineInputs {
    /// Those of this machine; see ``EngineParts/init(_:accounting:isDetached:logger:)``.
    package init(
        _ configuration: EngineConfiguration, accounting: (any Accounting)? = nil, isDetached: Bool = true,
        logger: Logger
    ) throws {
        let paths = configuration.paths
        let hierarchies = CgroupTree.all(paths).map(\.root)
        let accounts = Accounts(rootfs: paths.rootfs).platforms()
        self.init(
            accounting: try accounting ?? openAccounting(configuration.accounting, logger: logger),
            meters: MeterSet.meters(configuration.power, paths: paths),
            names: try configuration.hostNames(isDetached: isDetached),
            groundOf: { UserGround(of: $0, below: hierarchies, accounts: accounts) },
            isShared: { UserGround.isShared($0, below: hierarchies) },
            cpuTimes: { CPUTimes(procfs: paths.procfs) })
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
