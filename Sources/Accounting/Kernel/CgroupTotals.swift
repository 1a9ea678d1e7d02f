internal import Units

/// The totals of every cgroup as last reported, across replacements of the programs.
struct CgroupTotals {
    private struct Reported: Equatable {
        var cpuNanoseconds: UInt64
        var switches: UInt64
    }

    /// CPU time of all cgroups since the start, including removed ones, ns.
    private(set) var cpuNanoseconds: UInt64 = 0
    private var reported: [UInt64: Reported] = [:]
    /// What programs that were replaced had counted; the present ones count from zero.
    private var ofReplaced: [UInt64: UsageCounters] = [:]
    /// Totals of replaced programs that were not reported yet.
    private var unreported: [UInt64: UsageCounters] = [:]

    /// Cgroups that were reported.
    var count: Int { reported.count }

    /// Applies what the present programs have counted for a cgroup; returns the sum if it changed.
    mutating func update(_ id: UInt64, _ counters: UsageCounters) -> UsageCounters? {
        var counters = counters
        if !ofReplaced.isEmpty, let before = ofReplaced[id] { counters += before }
        if !unreported.isEmpty { unreported[id] = nil }
        return report(id, counters) ? counters : nil
    }

    /// Totals of replaced programs for cgroups that the present ones have no total for yet, each once.
    mutating func takeUnreported() -> [AccountingSample.Usage] {
        guard !unreported.isEmpty else { return [] }
        defer { unreported.removeAll() }
        return unreported.filter { report($0, $1) }.map { .init(cgroup: $0, counters: $1) }
    }

    /// The programs were replaced: the new ones count from zero.
    ///
    /// - Parameter final: the last totals of the replaced ones, without what those before them had counted.
    mutating func replacePrograms(_ final: [(id: UInt64, counters: UsageCounters)]) {
        for (id, counters) in final {
            var sum = counters
            if let before = ofReplaced[id] { sum += before }
            ofReplaced[id] = sum
            unreported[id] = sum
        }
    }

    /// The cgroup's slot was freed: should it run again, it counts from zero.
    mutating func forget(_ id: UInt64) {
        reported[id] = nil
        ofReplaced[id] = nil
        unreported[id] = nil
        // The memory of many that are gone.
        if reported.capacity > 4 * reported.count + 4096 {
            reported = Dictionary(uniqueKeysWithValues: reported.map { $0 })
        }
    }

    /// Stores what is reported; true if it is more than before.
    private mutating func report(_ id: UInt64, _ counters: UsageCounters) -> Bool {
        let now = Reported(cpuNanoseconds: counters.cpuNanoseconds, switches: counters.switches)
        // Changed in place: one look-up for each cgroup that ran.
        guard let growth = Self.replace(&reported[id], with: now) else { return false }
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(growth)
        return true
    }

    /// Returns the CPU time that was added, ns; nil where nothing is new.
    private static func replace(_ reported: inout Reported?, with now: Reported) -> UInt64? {
        guard reported != now else { return nil }
        defer { reported = now }
        return now.cpuNanoseconds - min(reported?.cpuNanoseconds ?? 0, now.cpuNanoseconds)
    }
}
