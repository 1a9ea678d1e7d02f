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
    package var waits = Waits()

    package init() {}

    package init(cpuNanoseconds: UInt64) {
        classNanoseconds[0] = cpuNanoseconds
    }

    package var cpuNanoseconds: UInt64 { classNanoseconds.wrappedSum() }
    package var switches: UInt64 { voluntarySwitches &+ involuntarySwitches }
    package var isZero: Bool { cpuNanoseconds == 0 && switches == 0 }

    /// Nothing ran and no thread left a CPU: then nothing else has changed either.
    package func isSame(as other: Self) -> Bool {
        voluntarySwitches == other.voluntarySwitches && involuntarySwitches == other.involuntarySwitches
            && classNanoseconds == other.classNanoseconds
    }

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
        var growth = now
        growth.classNanoseconds &-= before.classNanoseconds
        growth.sharedNanoseconds &-= before.sharedNanoseconds
        growth.waitNanoseconds &-= before.waitNanoseconds
        growth.voluntarySwitches &-= before.voluntarySwitches
        growth.involuntarySwitches &-= before.involuntarySwitches
        growth.counted &-= before.counted
        growth.waits &-= before.waits
        return growth
    }
}
