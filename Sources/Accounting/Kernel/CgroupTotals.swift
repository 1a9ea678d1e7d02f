internal import Units

/// The totals of every cgroup as last told, over programs that replaced each other.
struct CgroupTotals {
    private struct Told {
        var cpuNanoseconds: UInt64
        var switches: UInt64
    }

    /// CPU time of all cgroups since the start, those that are gone included, ns.
    private(set) var cpuNanoseconds: UInt64 = 0
    private var told: [UInt64: Told] = [:]
    /// What programs that were replaced had counted; the present ones count from zero.
    private var ofReplaced: [UInt64: UsageCounters] = [:]
    /// Totals of replaced programs that were not told yet.
    private var untold: [UInt64: UsageCounters] = [:]

    /// Cgroups that were told of.
    var count: Int { told.count }

    /// Takes in what the present programs have counted for a cgroup; returns the sum if it changed.
    mutating func note(_ id: UInt64, _ counters: UsageCounters) -> UsageCounters? {
        var counters = counters
        if !ofReplaced.isEmpty, let before = ofReplaced[id] { counters += before }
        if !untold.isEmpty { untold[id] = nil }
        return tell(id, counters) ? counters : nil
    }

    /// What replaced programs had counted for cgroups that the present ones have no total of yet, each once.
    mutating func takeUntold() -> [AccountingSample.Usage] {
        guard !untold.isEmpty else { return [] }
        defer { untold.removeAll() }
        return untold.filter { tell($0, $1) }.map { .init(cgroup: $0, counters: $1) }
    }

    /// From here on, other programs count from zero.
    ///
    /// - Parameter final: the last totals of the replaced ones, without what those before them had counted.
    mutating func replacePrograms(_ final: [(id: UInt64, counters: UsageCounters)]) {
        for (id, counters) in final {
            var sum = counters
            if let before = ofReplaced[id] { sum += before }
            ofReplaced[id] = sum
            untold[id] = sum
        }
    }

    /// The cgroup's slot was freed: should it run again, it counts from zero.
    mutating func forget(_ id: UInt64) {
        told[id] = nil
        ofReplaced[id] = nil
        untold[id] = nil
    }

    /// True if that is more than was told before.
    private mutating func tell(_ id: UInt64, _ counters: UsageCounters) -> Bool {
        let now = Told(cpuNanoseconds: counters.cpuNanoseconds, switches: counters.switches)
        let before = told[id]
        if let before, before.cpuNanoseconds == now.cpuNanoseconds, before.switches == now.switches { return false }
        told[id] = now
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(
            now.cpuNanoseconds - min(before?.cpuNanoseconds ?? 0, now.cpuNanoseconds))
        return true
    }
}
