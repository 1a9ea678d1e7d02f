/// Mean counts per CPU second of the workloads whose counters are known, for the others; 0 where none are known.
package struct CounterMeans: Sendable, Equatable {
    package var cycles = 0.0
    package var instructions = 0.0
    package var cacheMisses = 0.0

    package init() {}

    /// - Parameter active: indices of the workloads with CPU time.
    init(of usage: [WorkloadUsage], active: [Int]) {
        var (cycles, instructions, misses) = (Mean(), Mean(), Mean())
        for index in active {
            let cpu = Double(usage[index].cpuNanoseconds) / 1e9
            cycles.add(usage[index].cycles, in: cpu)
            instructions.add(usage[index].instructions, in: cpu)
            misses.add(usage[index].cacheMisses, in: cpu)
        }
        self.cycles = cycles.value
        self.instructions = instructions.value
        cacheMisses = misses.value
    }

    private struct Mean {
        private var sum = 0.0
        private var seconds = 0.0

        mutating func add(_ count: UInt64?, in cpu: Double) {
            guard let count = CounterMeans.plausible(count, in: cpu) else { return }
            sum += count
            seconds += cpu
        }

        var value: Double { seconds > 0 ? sum / seconds : 0 }
    }

    /// A count of what happened in `cpu` seconds on CPUs: one wild reading of a counter must not outweigh a day of
    /// good ones. The limit is far above any clock, because time and counters are not read at the same moment.
    static func plausible(_ count: UInt64?, in cpu: Double) -> Double? {
        count.map { min(Double($0), cpu * 2e11) }
    }
}
