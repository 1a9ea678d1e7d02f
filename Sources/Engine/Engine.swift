package import Accounting
internal import Attribution
internal import Impact
internal import Ledger
package import Linux
package import Logging
package import Metering
package import Names
package import Snapshot
internal import Units

/// One tick: reads who used the CPU and what the node drew, joins the two, and tells the result.
///
/// Belongs to one task; what it publishes is immutable. See docs/architecture.md for the way of the data.
package final class Engine {
    let configuration: EngineConfiguration
    let accounting: any Accounting
    let hardware: HardwareFacts
    /// Of every cumulative figure: of an earlier run where its ledger goes on.
    var startTime: String
    var stateFile: StateFile?
    var meters: MeterSet
    var attributor: NodeAttributor
    var ledger: Ledger
    var naming: Naming
    var builder = SnapshotBuilder()
    var sequence: UInt64 = 0
    var cpuCount: Int
    var activity = AccountingSample()
    var timing = Timing()
    var files: CgroupFileReader
    var truth = Truth()
    var cpus: [ProcStat.CPU]?

    private var kernelNanoseconds: UInt64 = 0
    private var overflowNanoseconds: UInt64 = 0
    private var shares: [UInt64] = []
    private var staticShares: [UInt64] = []
    private var staticWeights: [UInt64] = []
    private var usage = UsageWindow()
    private let logger: Logger
    let clock: any EngineClock
    let ownUsage: @Sendable () -> OwnUsage
    private let origin: Seconds
    private let startOfAll: Seconds
    /// For how long the machine slept since the start.
    private var slept = 0.0
    private var windowStart: Seconds

    /// What the kernel programs saw since the base was taken, and what the clock says.
    struct Truth {
        var base = CPUTimeTotals()
        /// Of all CPUs that were online, s, up to a moment.
        var wall = 0.0
        var moment = SuspendingClock.now
    }

    /// Durations of the last tick.
    struct Timing {
        var window = Seconds(0)
        var drain = Seconds(0)
        var naming = Seconds(0)
        var tick = Seconds(0)
        var late: UInt64 = 0
        /// Ticks that could not read CPU time.
        var failed: UInt64 = 0
    }

    /// Chooses how to account and what to measure power with, and takes the base that the first tick counts from.
    ///
    /// Throws only what no other tier could do better: an unreadable `/proc`, or a tier that was asked for and cannot
    /// be had.
    ///
    /// - Parameters:
    ///   - accounting: nil for the best that the machine has.
    ///   - meters: nil for those of the machine.
    ///   - names: nil for those of the machine.
    ///   - ownUsage: what this process uses.
    package init(
        configuration: EngineConfiguration, clock: any EngineClock = SystemClock(),
        accounting: (any Accounting)? = nil, meters: MeterSet? = nil, names: (any NameSources)? = nil,
        ownUsage: @escaping @Sendable () -> OwnUsage = OwnUsage.read, logger: Logger
    ) throws {
        self.configuration = configuration
        self.clock = clock
        self.ownUsage = ownUsage
        self.logger = logger
        origin = clock.awake
        startOfAll = clock.elapsed
        startTime = Timestamp.format(unixTime: clock.unixTime)
        windowStart = Seconds(0)
        hardware = HardwareFacts(configuration.paths)
        cpuCount = (try? ProcStat(procfs: configuration.paths.procfs).cpuCount) ?? 1
        let roots = CgroupTree.all(configuration.paths).map(\.root)
        ledger = Ledger(
            retention: Seconds(configuration.retention).value, retentionLimit: configuration.retentionLimit
        ) { path in
            let above = path.pathsAbove.first { _ in true } ?? "/"
            return roots.lazy.compactMap { owner(of: $0 + above) }.first.map { $0 == 0 }
        }
        naming = Naming(
            names
                ?? HostNames(
                    logs: configuration.readsLogDirectories ? configuration.paths.logs : nil,
                    feed: configuration.names),
            dimensions: configuration.rollUps ?? RollUpDimensions())
        self.meters = meters ?? MeterSet(configuration, logger: logger)
        attributor = NodeAttributor(configuration, fallback: self.meters.fallback)
        files = CgroupFileReader(
            tree: CgroupTree(cgroupfs: configuration.paths.cgroupfs), readsPressure: configuration.tracksWaits)
        self.accounting = try accounting ?? openAccounting(configuration.accounting, logger: logger)
        let earlier = restore()
        try takeBase()
        if let earlier { ledger.reinterpret(from: earlier.meaning, to: meaning) }
    }

    /// Notices for the user; empty when all is well.
    var notices: [String] {
        let overflowed = activity.overflowNanoseconds > 0
        return (accounting.tier.isDegraded ? [accounting.tier.reason] : [])
            + (overflowed
                ? ["more cgroups than the kernel's table had room for: raise --cgroups.max if this goes on"] : [])
            + meters.notices + (stateFile?.notice.map { [$0] } ?? [])
            + (naming.notice(for: ledger).map { [$0] } ?? []) + naming.failures
            + (meters.zones.contains { $0.zone.quality == .estimated } ? hardware.problems : [])
    }

    private var now: Seconds { Seconds(clock.awake.value - origin.value) }

    /// The clock of the meters, which may go on counting while the machine sleeps: what they counted then is energy of
    /// a longer time, and not of the window after it.
    private func meterTime(_ moment: Seconds) -> Seconds { Seconds(moment.value + slept) }

    private func noteSleep() {
        let asleep = clock.elapsed.value - startOfAll.value - now.value
        // The clocks are read one after the other.
        if asleep > slept + 0.01 { slept = asleep }
    }

    /// Accounts for everything since the last tick.
    ///
    /// A power source that fails leaves its zones standing still and is reported in the snapshot. Throws only where
    /// CPU time could not be read: nothing was changed then, and the next tick covers both windows.
    package func tick() throws -> Snapshot {
        noteSleep()
        let begin = now
        meters.sample(at: meterTime(begin))
        do {
            try accounting.read(into: &activity)
        } catch {
            timing.failed += 1
            throw error
        }
        let read = now
        meters.sample(at: meterTime(read))
        // Energy and CPU time describe the moment between the two samples.
        let moment = Seconds((begin.value + read.value) / 2)
        let window = Seconds(moment.value - windowStart.value)
        windowStart = moment
        timing.late += window.value > Seconds(configuration.interval).value * 1.5 ? 1 : 0
        timing.window = window
        timing.drain = Seconds(read.value - begin.value)
        sequence += 1

        let busy = account(isBase: false, at: moment)
        attribute(NodeUsage(duration: window, busy: busy, cpuCount: onlineCPUs()), at: moment)
        if let cpu = activity.cpu {
            truth.wall += (cpu.moment - truth.moment) / .seconds(1) * Double(cpu.onlineThroughout)
            truth.moment = cpu.moment
        }
        ledger.retire(at: moment.value)
        files.update(&ledger)
        // Before a reader sees it: what was published is on file.
        if stateFile != nil { saveState(at: moment) }
        timing.tick = Seconds(now.value - begin.value)
        defer { ledger.forgetChanges() }
        return snapshot()
    }

    private func saveState(at moment: Seconds) {
        let surroundings = StateEncoder.Surroundings(
            startTime: startTime, zones: meters.zones.map { ($0.zone, $0.energy) }, meaning: meaning
        ) { [files, ledger] in files.totals(of: $0, in: ledger) }
        stateFile?.save(ledger, surroundings, at: moment.value)
    }

    private var meaning: LedgerState.Meaning {
        LedgerState.Meaning(
            events: activity.kernel?.counters ?? [], classes: activity.kernel?.coreClasses ?? [])
    }

    /// Goes on where an earlier run of the agent ended; returns what it left.
    private func restore() -> LedgerState? {
        guard let path = configuration.stateFile else { return nil }
        stateFile = StateFile(path: path, procfs: configuration.paths.procfs, logger: logger)
        guard let state = stateFile?.load() else { return nil }
        startTime = state.startTime
        meters.restore(state.zones)
        ledger.restore(state, commands: configuration.processes != .off)
        files.restore(state.workloads)
        logger.info("the ledger of an earlier run goes on", metadata: ["since": "\(startTime)"])
        return state
    }

    /// The readings that the first tick's differences start from.
    private func takeBase() throws {
        let begin = now
        meters.sample(at: meterTime(begin))
        try accounting.read(into: &activity)
        let read = now
        meters.sample(at: meterTime(read))
        windowStart = Seconds((begin.value + read.value) / 2)
        _ = account(isBase: true, at: windowStart)
        truth.base = activity.cpu ?? CPUTimeTotals()
        truth.moment = truth.base.moment
        let nothing = NodeUsage(duration: Seconds(0), busy: Seconds(0), cpuCount: onlineCPUs())
        _ = meters.collect(nothing, at: meterTime(windowStart))
    }

    /// Brings the table up to date with the reading; returns the CPU time that was used.
    private func account(isBase: Bool, at moment: Seconds) -> Seconds {
        ledger.beginWindow()
        for cgroup in activity.created { ledger.add(cgroup: cgroup.id, path: cgroup.path, at: moment.value) }
        for cgroup in activity.renamed { ledger.rename(cgroup: cgroup.id, path: cgroup.path, at: moment.value) }
        // Before anything is credited: who has a name by now is credited under it.
        let begin = now
        naming.update(&ledger, at: moment.value)
        timing.naming = Seconds(now.value - begin.value)
        for usage in activity.usage { ledger.use(usage, isBase: isBase) }
        for id in activity.removed { ledger.remove(cgroup: id, at: moment.value) }
        ledger.update(activity.processes, isBase: isBase)
        for id in activity.forgotten { ledger.forget(cgroup: id) }

        let kernel = activity.kernelNanoseconds - min(kernelNanoseconds, activity.kernelNanoseconds)
        let overflow = activity.overflowNanoseconds - min(overflowNanoseconds, activity.overflowNanoseconds)
        kernelNanoseconds = activity.kernelNanoseconds
        overflowNanoseconds = activity.overflowNanoseconds
        guard !isBase else { return Seconds(0) }
        ledger.node.system.run(kernel)
        ledger.node.unattributed.run(overflow)
        let busy = ledger.usedNanoseconds.saturatingPlus(kernel).saturatingPlus(overflow)
        ledger.node.whole.run(busy)
        return Seconds(nanoseconds: busy)
    }

    /// Hands out the window's energy, zone by zone.
    private func attribute(_ window: NodeUsage, at moment: Seconds) {
        let (system, unattributed) = (ledger.node.system, ledger.node.unattributed)
        var systemIndex = 0
        // Dropped before they are written, so that they are not copied.
        usage.staticWeights = []
        usage.update(duration: window.duration, utilization: window.utilization) { usage in
            ledger.usage(
                hasClasses: activity.kernel.map { $0.coreClasses.count > 1 } ?? false,
                hasEvents: activity.kernel?.counters.isEmpty == false, policy: configuration.staticPolicy,
                into: &usage, weights: &staticWeights)
            systemIndex = usage.count
            usage.append(WorkloadUsage(id: .max, cpuNanoseconds: system.windowNanoseconds))
            usage.append(WorkloadUsage(id: .max - 1, cpuNanoseconds: unattributed.windowNanoseconds))
        }
        if configuration.staticPolicy == .requests {
            // What is not reserved of the machine stays idle.
            let reserved = staticWeights.reduce(UInt64(0)) { $0.saturatingPlus($1) }
            let all = UInt64(cpuCount) * 1000
            staticWeights += [0, 0, all - min(reserved, all)]
        }
        usage.staticWeights = staticWeights
        for (zone, reading) in meters.collect(window, at: meterTime(moment)) {
            let split = attributor.attribute(
                reading, zone: zone, window: usage, into: &shares, staticShares: &staticShares)
            ledger.node.idle.credit(dynamic: split.idle.count, zone: zone)
            ledger.node.system.credit(dynamic: shares[systemIndex] + staticShares[systemIndex], zone: zone)
            let rest = shares[systemIndex + 1] + staticShares[systemIndex + 1]
            ledger.node.unattributed.credit(dynamic: rest + split.unattributed.count, zone: zone)
            ledger.node.whole.credit(dynamic: reading.total.count, zone: zone)
            ledger.credit(dynamic: &shares, static: &staticShares, zone: zone)
        }
        ledger.endWindow(Rates(configuration.carbon))
    }

    /// CPUs come and go; where that cannot be read, the last known number holds.
    private func onlineCPUs() -> Int {
        if sequence % 10 == 0 || cpus == nil, let stat = try? ProcStat(procfs: configuration.paths.procfs) {
            cpus = stat.cpus.isEmpty ? nil : stat.cpus
        }
        if let online = activity.cpu?.online ?? cpus?.count { cpuCount = online }
        return cpuCount
    }
}
