internal import Ledger
package import Linux
internal import Snapshot
internal import Units
internal import Workloads

/// How the files of one cgroup are read, by its directory.
package struct CgroupFiles: Sendable {
    /// `cpu.stat`.
    package var cpuStat: @Sendable (_ directory: String) throws(HostError) -> CgroupCPUStat
    /// The pressure files; nil where there are none.
    package var pressure: @Sendable (_ directory: String) -> CgroupPressure?

    package init(
        cpuStat: @escaping @Sendable (_ directory: String) throws(HostError) -> CgroupCPUStat,
        pressure: @escaping @Sendable (_ directory: String) -> CgroupPressure?
    ) {
        self.cpuStat = cpuStat
        self.pressure = pressure
    }

    /// Those of this machine.
    package static let machine = CgroupFiles(
        cpuStat: { (directory) throws(HostError) in try CgroupCPUStat(directory: directory) },
        pressure: { CgroupPressure(directory: $0) })
}

/// Reads the cgroups' own files, a part of them each tick: quotas, pressure, and `cpu.stat` to compare CPU time with.
package struct CgroupFileReader {
    /// What was read of one workload's cgroup, and of those it had before, since the first reading.
    struct Reading {
        fileprivate var cgroup: UInt64
        fileprivate var last: CgroupCPUStat
        fileprivate var lastAccounted: UInt64
        fileprivate var pressureLast: [String: UInt64]
        /// CPU time by `cpu.stat`, us, and as accounted by the engine over the same readings, ns.
        fileprivate var kernelTime: UInt64 = 0
        fileprivate var accountedTime: UInt64 = 0
        /// nil where no CPU quota can be set.
        private(set) var throttledPeriods: UInt64?
        private(set) var throttledMicroseconds: UInt64?
        /// us by resource; see ``CgroupPressure``.
        private(set) var pressure: [String: UInt64] = [:]

        /// The same as readers get it, s; nil where there is none.
        var pressureSeconds: NamedValues<Double>? {
            guard !pressure.isEmpty else { return nil }
            let sorted = pressure.sorted { $0.key < $1.key }
            return NamedValues(names: sorted.map(\.key), values: sorted.map { Double($0.value) / 1e6 })
        }

        private static let periods = "periods"
        private static let throttled = "throttled"

        /// True where nothing that is shown has changed.
        fileprivate func looksLike(_ other: Self) -> Bool {
            throttledPeriods == other.throttledPeriods && throttledMicroseconds == other.throttledMicroseconds
                && pressure == other.pressure
        }

        /// What is not zero: throttled `periods`, `throttled` us, and us of pressure by resource.
        fileprivate var totals: [String: UInt64] {
            var totals = pressure
            totals[Self.periods] = throttledPeriods
            totals[Self.throttled] = throttledMicroseconds
            return totals.filter { $0.value > 0 }
        }

        /// The first reading: what was before it is not counted, but for the totals of an earlier run of the agent.
        fileprivate init(
            cgroup: UInt64, stat: CgroupCPUStat, accounted: UInt64, pressure: CgroupPressure?, totals: [String: UInt64]
        ) {
            self.cgroup = cgroup
            last = stat
            lastAccounted = accounted
            pressureLast = pressure?.microseconds ?? [:]
            throttledPeriods = stat.throttledPeriods.map { _ in totals[Self.periods] ?? 0 }
            throttledMicroseconds = stat.throttledMicroseconds.map { _ in totals[Self.throttled] ?? 0 }
            for resource in pressureLast.keys { self.pressure[resource] = totals[resource] ?? 0 }
        }

        /// Another cgroup than before is one that was made meanwhile: all of it counts.
        fileprivate mutating func add(cgroup: UInt64, stat: CgroupCPUStat, accounted: UInt64, pressure: CgroupPressure?)
        {
            let isSame = cgroup == self.cgroup
            func growth(_ now: UInt64?, _ before: UInt64?) -> UInt64? {
                now.map { $0 - min(isSame ? before ?? $0 : 0, $0) }
            }
            if isSame {
                kernelTime = kernelTime.saturatingPlus(growth(stat.usageMicroseconds, last.usageMicroseconds) ?? 0)
                accountedTime = accountedTime.saturatingPlus(accounted - min(lastAccounted, accounted))
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
            lastAccounted = accounted
        }
    }

    /// By place of the workload; see ``WorkloadID``.
    private var readings: [(id: WorkloadID, reading: Reading)?] = []
    /// Of an earlier run, by the key of workloads that were not read yet; see ``totals(of:in:)``.
    private var earlier: [String: [String: UInt64]] = [:]
    /// The place of the workload that is next.
    private var next = 0
    private let root: String?
    private let readsPressure: Bool
    private let files: CgroupFiles
    /// See ``compare(with:)``; where there are many workloads, as of the last round over all of them.
    private(set) var difference: Double?
    /// Times that a `cpu.stat` which is there could not be read or understood.
    private(set) var failures: UInt64 = 0

    /// Every cgroup is read once in so many ticks, or less often where that would be more than this per tick.
    private static let rounds = 10
    private static let maxPerTick = 30
    /// Reading stops after this time, s. A file takes about 15 us, but ten times that where the kernel finds the cgroup in
    /// a list of thousands that have run beside it.
    private static let maxTime = 0.0003

    /// - Parameters:
    ///   - root: where the unified hierarchy is mounted; nil where there is none, and version 1 has no such files.
    ///   - readsPressure: whether pressure is read, too.
    package init(root: String?, readsPressure: Bool, files: CgroupFiles = .machine) {
        self.root = root
        self.readsPressure = readsPressure
        self.files = files
    }

    /// - Parameter tree: nil, and version 1, have no such files.
    package init(tree: CgroupTree?, readsPressure: Bool) {
        self.init(root: tree.flatMap { $0.version == .unified ? $0.root : nil }, readsPressure: readsPressure)
    }

    /// What was read of a workload; nil before the first reading.
    func reading(of id: WorkloadID) -> Reading? {
        guard id.index < readings.count, let entry = readings[id.index], entry.id == id else { return nil }
        return entry.reading
    }

    /// Reads the next part of the workloads, O(1). Those whose cgroup is gone keep what was read.
    ///
    /// - Parameter now: the time, to stop in time.
    mutating func update(_ ledger: inout Ledger, now: () -> Seconds) {
        guard let root else { return }
        for id in ledger.retired {
            if reading(of: id) != nil { readings[id.index] = nil }
        }
        let count = ledger.tree.capacity
        if readings.count < count { readings.append(contentsOf: repeatElement(nil, count: count - readings.count)) }
        let end = now().value + Self.maxTime
        for _ in 0..<min(Self.maxPerTick, (count + Self.rounds - 1) / Self.rounds) {
            next += 1
            if next >= count {
                next = 0
                dropEarlier(keeping: ledger)
                difference = compare(with: ledger)
            }
            let id = ledger.id(at: next)
            guard let workload = ledger.tree[id], workload.endedAt == nil,
                workload.cgroup & CgroupTree.legacyBit == 0, workload.identity.path != "/",
                !workload.identity.path.isEmpty
            else { continue }
            let hasRead = read(id, workload, in: root + workload.identity.path, &ledger)
            if hasRead, now().value >= end { break }
        }
        // O(1) either way.
        if count <= Self.rounds * Self.maxPerTick { difference = compare(with: ledger) }
    }

    /// True where a file was read.
    private mutating func read(
        _ id: WorkloadID, _ workload: Workload, in directory: String, _ ledger: inout Ledger
    ) -> Bool {
        let accounted = ledger.totals(of: id).cpuNanoseconds
        let before = reading(of: id)
        // Nothing in it has run since: its files are read when something does.
        if let before, before.cgroup == workload.cgroup, before.lastAccounted == accounted { return false }
        let stat: CgroupCPUStat
        do throws(HostError) {
            stat = try files.cpuStat(directory)
        } catch {
            // A cgroup that has just been removed is no failure.
            if error.code != .missing { failures += 1 }
            return true
        }
        let pressure = readsPressure ? files.pressure(directory) : nil
        var now =
            before
            ?? Reading(
                cgroup: workload.cgroup, stat: stat, accounted: accounted, pressure: pressure,
                totals: earlier.removeValue(forKey: workload.key) ?? [:])
        if before != nil { now.add(cgroup: workload.cgroup, stat: stat, accounted: accounted, pressure: pressure) }
        readings[id.index] = (id, now)
        if before.map({ !$0.looksLike(now) }) ?? (stat.throttledPeriods != nil || pressure != nil) {
            ledger.markChanged(id)
        }
        return true
    }

    /// What an earlier run read of workloads that are no longer shown.
    private mutating func dropEarlier(keeping ledger: Ledger) {
        guard !earlier.isEmpty else { return }
        earlier = earlier.filter { ledger.tree.id(ofKey: $0.key) != nil }
    }

    /// What the state file has of a workload: by name, without zeros.
    func totals(of id: WorkloadID, in ledger: Ledger) -> [String: UInt64] {
        if let reading = reading(of: id) { return reading.totals }
        guard !earlier.isEmpty, let key = ledger.tree[id]?.key else { return [:] }
        return earlier[key] ?? [:]
    }

    /// Takes up the totals of an earlier run.
    mutating func restore(_ saved: [LedgerState.Workload]) {
        for workload in saved where !workload.files.isEmpty { earlier[workload.id] = workload.files }
    }

    /// By how much the engine's count of the workloads that have nothing below them differs from the kernel's, as a
    /// share of it. nil where too little ran for a comparison.
    private func compare(with ledger: Ledger) -> Double? {
        var kernelTime = 0.0
        var sumOfDifferences = 0.0
        for case (let id, let reading)? in readings {
            guard let workload = ledger.tree[id], workload.childCount == 0, workload.endedAt == nil else { continue }
            let grown = Double(reading.kernelTime) / 1e6
            kernelTime += grown
            sumOfDifferences += abs(Double(reading.accountedTime) / 1e9 - grown)
        }
        // The two are not read at the same moment: below a second of CPU time, that dominates the difference.
        return kernelTime > 1 ? sumOfDifferences / kernelTime : nil
    }
}
