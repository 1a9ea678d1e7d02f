/// What one workload did in a window, as far as it is known.
package struct WorkloadUsage: Sendable, Equatable {
    /// Identifies the workload from window to window; never reused.
    package var id: UInt64
    /// CPU time on all cores, ns.
    package var cpuNanoseconds: UInt64
    /// The part of it that was spent on efficiency cores, ns; nil where the machine has one class of cores.
    package var efficiencyNanoseconds: UInt64?
    /// Unhalted core cycles; nil where they are not counted.
    package var cycles: UInt64?
    package var instructions: UInt64?
    /// Misses of the last-level cache.
    package var cacheMisses: UInt64?

    package init(
        id: UInt64, cpuNanoseconds: UInt64, efficiencyNanoseconds: UInt64? = nil, cycles: UInt64? = nil,
        instructions: UInt64? = nil, cacheMisses: UInt64? = nil
    ) {
        self.id = id
        self.cpuNanoseconds = cpuNanoseconds
        self.efficiencyNanoseconds = efficiencyNanoseconds
        self.cycles = cycles
        self.instructions = instructions
        self.cacheMisses = cacheMisses
    }
}
