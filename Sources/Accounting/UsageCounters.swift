/// What the kernel counted for a cgroup. Cumulative, or the growth over a window.
package struct UsageCounters: Sendable, Equatable {
    /// CPU time by class of core, see ``CPUTopology/classes``, ns.
    package var classNanoseconds = SIMD4<UInt64>.zero
    /// Of that, with the core's other thread busy, ns.
    package var sharedNanoseconds: UInt64 = 0
    /// Ready to run, but waiting for a CPU, ns.
    package var waitNanoseconds: UInt64 = 0
    /// Context switches of threads that slept or waited, and of those that were preempted.
    package var voluntarySwitches: UInt64 = 0
    package var involuntarySwitches: UInt64 = 0
    /// Of the runs on a CPU whose hardware counters were read: CPU time in ns, cycles, instructions, cache misses.
    package var counted = SIMD4<UInt64>.zero
    /// Waits by length: below 2^12 ns, below 2^13 ns, ... below 2^26 ns, and longer.
    package var waits = SIMD16<UInt64>.zero

    package init() {}

    package init(cpuNanoseconds: UInt64) {
        classNanoseconds[0] = cpuNanoseconds
    }

    /// Every counter, those that are mostly zero at the end. The order is that of the state file.
    package var values: [UInt64] {
        [voluntarySwitches, involuntarySwitches, waitNanoseconds] + (0..<4).map { classNanoseconds[$0] }
            + [sharedNanoseconds] + (0..<4).map { counted[$0] } + (0..<16).map { waits[$0] }
    }

    /// - Parameter values: as in ``values``; what is missing is zero.
    package init?(values: [UInt64]) {
        guard values.count <= 28 else { return nil }
        let all = values + Array(repeating: 0, count: 28 - values.count)
        voluntarySwitches = all[0]
        involuntarySwitches = all[1]
        waitNanoseconds = all[2]
        classNanoseconds = SIMD4(all[3..<7])
        sharedNanoseconds = all[7]
        counted = SIMD4(all[8..<12])
        waits = SIMD16(all[12..<28])
    }

    package var cpuNanoseconds: UInt64 { classNanoseconds.wrappedSum() }
    package var switches: UInt64 { voluntarySwitches &+ involuntarySwitches }
    /// Nothing ran and no thread left a CPU: then nothing else has changed either.
    package func isSame(as other: Self) -> Bool {
        voluntarySwitches == other.voluntarySwitches && involuntarySwitches == other.involuntarySwitches
            && classNanoseconds == other.classNanoseconds
    }

    package var isZero: Bool { cpuNanoseconds == 0 && switches == 0 }

    /// Takes the events of the runs that were counted for those of all of them, as long as there are any.
    package mutating func scaleEvents() {
        guard counted[0] > 0, cpuNanoseconds > counted[0] else { return }
        let factor = Double(cpuNanoseconds) / Double(counted[0])
        for index in 1..<4 {
            let scaled = Double(counted[index]) * factor
            counted[index] = scaled < 1e18 ? UInt64(scaled) : counted[index]
        }
    }

    package static func += (sum: inout Self, other: Self) {
        sum.classNanoseconds &+= other.classNanoseconds
        sum.sharedNanoseconds &+= other.sharedNanoseconds
        sum.waitNanoseconds &+= other.waitNanoseconds
        sum.voluntarySwitches &+= other.voluntarySwitches
        sum.involuntarySwitches &+= other.involuntarySwitches
        sum.counted &+= other.counted
        sum.waits &+= other.waits
    }

    /// The growth since an earlier reading.
    package static func - (now: Self, before: Self) -> Self {
        var growth = Self()
        growth.classNanoseconds = now.classNanoseconds &- before.classNanoseconds
        growth.sharedNanoseconds = now.sharedNanoseconds &- before.sharedNanoseconds
        growth.waitNanoseconds = now.waitNanoseconds &- before.waitNanoseconds
        growth.voluntarySwitches = now.voluntarySwitches &- before.voluntarySwitches
        growth.involuntarySwitches = now.involuntarySwitches &- before.involuntarySwitches
        growth.counted = now.counted &- before.counted
        growth.waits = now.waits &- before.waits
        return growth
    }
}
