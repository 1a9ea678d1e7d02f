internal import Accounting
internal import Linux
internal import Units
internal import Workloads

/// Reads what the cgroups' own files tell, a part of them each tick: quotas, pressure, and the kernel's own account of
/// their CPU time to compare with.
struct CgroupFileReader {
    /// What was read of one workload's cgroup, and of those it had before, since the first reading.
    struct Reading {
        fileprivate var cgroup: UInt64
        fileprivate var last: CgroupCPUStat
        fileprivate var ownLast: UInt64
        fileprivate var pressureLast: [String: UInt64]
        /// CPU time by the kernel's account, us, and by the engine's over the same readings, ns.
        fileprivate var theirs: UInt64 = 0
        fileprivate var own: UInt64 = 0
        /// nil where no CPU quota can be set.
        private(set) var throttledPeriods: UInt64?
        private(set) var throttledMicroseconds: UInt64?
        /// us by resource; see ``CgroupPressure``.
        private(set) var pressure: [String: UInt64] = [:]

        private static let periods = "periods"
        private static let throttled = "throttled"

        /// What is not zero: throttled `periods`, `throttled` us, and us of pressure by resource.
        fileprivate var totals: [String: UInt64] {
            var totals = pressure
            totals[Self.periods] = throttledPeriods
            totals[Self.throttled] = throttledMicroseconds
            return totals.filter { $0.value > 0 }
        }

        /// The first reading: what was before it is not counted, but for the totals of an earlier run of the agent.
        fileprivate init(
            cgroup: UInt64, stat: CgroupCPUStat, own: UInt64, pressure: CgroupPressure?, totals: [String: UInt64]
        ) {
            self.cgroup = cgroup
            last = stat
            ownLast = own
            pressureLast = pressure?.microseconds ?? [:]
            throttledPeriods = stat.throttledPeriods.map { _ in totals[Self.periods] ?? 0 }
            throttledMicroseconds = stat.throttledMicroseconds.map { _ in totals[Self.throttled] ?? 0 }
            for resource in pressureLast.keys { self.pressure[resource] = totals[resource] ?? 0 }
        }

        /// Another cgroup than before is one that was made meanwhile: all of it counts.
        fileprivate mutating func add(cgroup: UInt64, stat: CgroupCPUStat, own: UInt64, pressure: CgroupPressure?) {
            let isSame = cgroup == self.cgroup
            func growth(_ now: UInt64?, _ before: UInt64?) -> UInt64? {
                now.map { $0 - min(isSame ? before ?? $0 : 0, $0) }
            }
            if isSame {
                theirs = theirs.saturatingPlus(growth(stat.usageMicroseconds, last.usageMicroseconds) ?? 0)
                self.own = self.own.saturatingPlus(own - min(ownLast, own))
            }
            if let periods = growth(stat.throttledPeriods, last.throttledPeriods) {
                throttledPeriods = (throttledPeriods ?? 0).saturatingPlus(periods)
            }
            if let time = growth(stat.throttledMicroseconds, last.throttledMicroseconds) {
                throttledMicroseconds = (throttledMicroseconds ?? 0).saturatingPlus(time)
            }
            for (resource, now) in pressure?.microseconds ?? [:] {
                let grown = growth(now, pressureLast[resource]) ?? 0
                self.pressure[resource] = (self.pressure[resource] ?? 0).saturatingPlus(grown)
                pressureLast[resource] = now
            }
            self.cgroup = cgroup
            last = stat
            ownLast = own
        }
    }

    /// By the id of the workload.
    private(set) var readings: [String: Reading] = [:]
    /// Of an earlier run, by the id of workloads that were not read yet; see ``totals(of:)``.
    private var earlier: [String: [String: UInt64]] = [:]
    /// The workload that is next.
    private var next = 0
    private let root: String?
    private let readsPressure: Bool

    /// Every cgroup is read once in so many ticks, or less often where that would be more than this per tick: a file
    /// takes about 15 us.
    private static let rounds = 10
    private static let mostPerTick = 30

    /// - Parameter tree: nil, and version 1, have no such files.
    init(tree: CgroupTree?, readsPressure: Bool) {
        root = tree.flatMap { $0.version == .unified ? $0.root : nil }
        self.readsPressure = readsPressure
    }

    /// Reads the next part of the workloads. Those whose cgroup is gone keep what was read.
    mutating func update(_ table: inout WorkloadTable) {
        guard let root else { return }
        let count = table.workloads.count
        for _ in 0..<min(Self.mostPerTick, (count + Self.rounds - 1) / Self.rounds) {
            next = next + 1 < count ? next + 1 : 0
            let index = next
            let workload = table.workloads[index]
            guard workload.isShown, workload.endedAt == nil, workload.cgroup & CgroupTree.legacyBit == 0,
                workload.identity.path != "/", !workload.identity.path.isEmpty
            else { continue }
            let directory = root + workload.identity.path
            guard let stat = try? CgroupCPUStat(directory: directory) else { continue }
            let pressure = readsPressure ? CgroupPressure(directory: directory) : nil
            let own = workload.account.cpuNanoseconds
            if readings[workload.id] == nil {
                readings[workload.id] = Reading(
                    cgroup: workload.cgroup, stat: stat, own: own, pressure: pressure,
                    totals: earlier.removeValue(forKey: workload.id) ?? [:])
            } else {
                readings[workload.id]?.add(cgroup: workload.cgroup, stat: stat, own: own, pressure: pressure)
            }
            if stat.throttledPeriods != nil || pressure != nil { table.setView(nil, of: index) }
        }
    }

    /// Forgets the workloads that are no longer shown.
    mutating func retire(keeping table: WorkloadTable) {
        let shown = Set(table.workloads.lazy.filter(\.isShown).map(\.id))
        readings = readings.filter { shown.contains($0.key) }
        earlier = earlier.filter { shown.contains($0.key) }
    }

    /// What the state file has of a workload: by name, without zeros.
    func totals(of id: String) -> [String: UInt64] { readings[id]?.totals ?? earlier[id] ?? [:] }

    /// Takes up the totals of an earlier run.
    mutating func restore(_ saved: [LedgerState.Workload]) {
        for workload in saved where !workload.files.isEmpty { earlier[workload.id] = workload.files }
    }

    /// By how much the engine's count of the workloads that have nothing below them differs from the kernel's, as a
    /// share of it. nil where too little ran to tell.
    func difference(_ table: WorkloadTable) -> Double? {
        var theirs = 0.0
        var apart = 0.0
        for workload in table.workloads where workload.isShown && workload.children == 0 && workload.endedAt == nil {
            guard let reading = readings[workload.id] else { continue }
            let grown = Double(reading.theirs) / 1e6
            theirs += grown
            apart += abs(Double(reading.own) / 1e9 - grown)
        }
        // The two are not read at the same moment: a few milliseconds of a second say nothing.
        return theirs > 1 ? apart / theirs : nil
    }
}
