internal import Carbon
internal import Energy
internal import Host
package import Logging
internal import PowerSources
package import Telemetry

/// One tick: reads who used the CPU and what the node drew, joins the two, and tells the result.
///
/// Belongs to one task; what it publishes is immutable. See docs/architecture.md for the way of the data.
package final class Engine {
    let configuration: EngineConfiguration
    let accounting: any Accounting
    let cpuModel: CPUModel
    let startTime = Timestamp.now()
    var meter: PowerMeter
    var table: WorkloadTable
    var processes = ProcessLedger()
    var idle = Account()
    var system = Account()
    var unattributed = Account()
    var node = Account()
    var sequence: UInt64 = 0
    var cpuCount: Int
    var activity = Activity()
    var timing = Timing()

    private var kernelNanoseconds: UInt64 = 0
    private var overflowNanoseconds: UInt64 = 0
    private var shares: [UInt64] = []
    private var fixed: [UInt64] = []
    private var weights: [UInt64] = []
    private var activities: [WorkloadActivity] = []
    private let logger: Logger
    /// Stands still while the machine sleeps: nothing was used then.
    private let clock = SuspendingClock()
    private let origin: SuspendingClock.Instant
    private var windowStart: Seconds

    /// Durations of the last tick.
    struct Timing {
        var window = Seconds(0)
        var drain = Seconds(0)
        var tick = Seconds(0)
        var late: UInt64 = 0
        /// Ticks that could not read CPU time.
        var failed: UInt64 = 0
    }

    /// Chooses how to account and what to measure power with, and takes the base that the first tick counts from.
    ///
    /// Throws only what no other tier could do better: an unreadable `/proc`, or a tier that was asked for and cannot
    /// be had.
    package init(configuration: EngineConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        origin = clock.now
        windowStart = Seconds(0)
        cpuModel = CPUModel(procfs: configuration.paths.procfs)
        cpuCount = (try? ProcStat(procfs: configuration.paths.procfs).cpuCount) ?? 1
        table = WorkloadTable(
            retention: Seconds(configuration.retention).value, retentionLimit: configuration.retentionLimit)
        meter = PowerMeter(configuration: configuration, logger: logger)
        accounting = try chooseAccounting(configuration, logger: logger)
        try takeBase()
    }

    /// Notices for the user; empty when all is well.
    var notices: [String] {
        let overflowed = activity.overflowNanoseconds > 0
        return (accounting.tier.isDegraded ? [accounting.tier.reason] : [])
            + (overflowed ? ["more cgroups than the kernel's table has room for: restart energyd to size it anew"] : [])
            + (meter.notice.map { [$0] } ?? [])
    }

    private var now: Seconds { Seconds(clock.now - origin) }

    /// Accounts for everything since the last tick.
    ///
    /// A power source that fails leaves its zones standing still and is reported in the snapshot. Throws only where
    /// CPU time could not be read: nothing was changed then, and the next tick covers both windows.
    package func tick() throws -> Snapshot {
        let begin = now
        meter.sample(at: begin)
        do {
            try accounting.read(into: &activity)
        } catch {
            timing.failed += 1
            throw error
        }
        let read = now
        meter.sample(at: read)
        // Energy and CPU time describe the moment between the two samples.
        let moment = Seconds((begin.value + read.value) / 2)
        let window = Seconds(moment.value - windowStart.value)
        windowStart = moment
        timing.late += window.value > Seconds(configuration.interval).value * 1.5 ? 1 : 0
        timing.window = window
        timing.drain = Seconds(read.value - begin.value)
        sequence += 1

        let busy = account(isBase: false, at: moment)
        attribute(NodeActivity(duration: window, busy: busy, cpuCount: onlineCPUs()), at: moment)
        if table.retire(at: moment.value) { processes.retire(keeping: table) }
        timing.tick = Seconds(now.value - begin.value)
        return snapshot()
    }

    /// The readings that the first tick's differences start from.
    private func takeBase() throws {
        let begin = now
        meter.sample(at: begin)
        try accounting.read(into: &activity)
        let read = now
        meter.sample(at: read)
        windowStart = Seconds((begin.value + read.value) / 2)
        _ = account(isBase: true, at: windowStart)
        let nothing = NodeActivity(duration: Seconds(0), busy: Seconds(0), cpuCount: onlineCPUs())
        _ = meter.collect(nothing, at: windowStart)
    }

    /// Brings the table up to date with the reading; returns the CPU time that was used.
    private func account(isBase: Bool, at moment: Seconds) -> Seconds {
        table.beginWindow()
        for bucket in [\Engine.idle, \.system, \.unattributed, \.node] { self[keyPath: bucket].beginWindow() }
        for (id, path) in activity.created { table.add(cgroup: id, path: path) }
        for usage in activity.usage {
            table.use(
                cgroup: usage.cgroup, cpuNanoseconds: usage.cpuNanoseconds, switches: usage.switches, isBase: isBase)
        }
        for id in activity.removed { table.remove(cgroup: id, at: moment.value) }
        processes.update(activity.processes, in: table, isBase: isBase)
        for id in activity.forgotten { table.forget(cgroup: id) }

        let kernel = activity.kernelNanoseconds - min(kernelNanoseconds, activity.kernelNanoseconds)
        let overflow = activity.overflowNanoseconds - min(overflowNanoseconds, activity.overflowNanoseconds)
        kernelNanoseconds = activity.kernelNanoseconds
        overflowNanoseconds = activity.overflowNanoseconds
        guard !isBase else { return Seconds(0) }
        system.run(kernel, switches: 0)
        unattributed.run(overflow, switches: 0)
        let busy = table.ownNanoseconds.reduce(0, +) + kernel + overflow
        node.run(busy, switches: 0)
        return Seconds(nanoseconds: busy)
    }

    /// Hands out the window's energy, zone by zone.
    private func attribute(_ window: NodeActivity, at moment: Seconds) {
        weights.removeAll(keepingCapacity: true)
        weights += table.ownNanoseconds
        weights += [system.windowNanoseconds, unattributed.windowNanoseconds]
        let (systemIndex, overflowIndex) = (weights.count - 2, weights.count - 1)
        activities.removeAll(keepingCapacity: true)
        table.activities(into: &activities)
        activities.append(WorkloadActivity(id: .max, cpuNanoseconds: system.windowNanoseconds))
        activities.append(WorkloadActivity(id: .max - 1, cpuNanoseconds: unattributed.windowNanoseconds))
        let claims = table.claims(configuration.staticPolicy)
        for (zone, reading) in meter.collect(window, at: moment) {
            let split = meter.split(
                reading, zone: zone, window: window, activities: activities, claims: claims, into: &shares,
                fixed: &fixed)
            for workload in 0..<systemIndex {
                table.credit(shares[workload], to: workload, zone: zone)
                table.creditStatic(fixed[workload], to: workload, zone: zone)
            }
            processes.credit(shares, weights: weights, zone: zone)
            idle.credit(split.idle.count, zone: zone)
            system.credit(shares[systemIndex] + fixed[systemIndex], zone: zone)
            unattributed.credit(
                shares[overflowIndex] + fixed[overflowIndex] + split.unattributed.count, zone: zone)
            node.credit((reading.energy + reading.late).count, zone: zone)
        }
        let emissions = configuration.carbon.emissions(of:)
        table.endWindow(emissions: emissions)
        processes.endWindow(emissions: emissions)
        for bucket in [\Engine.idle, \.system, \.unattributed, \.node] {
            self[keyPath: bucket].emissions += emissions(self[keyPath: bucket].windowEnergy)
        }
    }

    /// CPUs come and go; where that cannot be read, the last known number holds.
    private func onlineCPUs() -> Int {
        if sequence % 60 == 0, let stat = try? ProcStat(procfs: configuration.paths.procfs) { cpuCount = stat.cpuCount }
        return cpuCount
    }
}
