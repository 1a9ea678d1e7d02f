/// What one workload did in a window, as far as it is known: what its dynamic energy is judged by.
package struct WorkloadUsage: Sendable, Equatable {
    /// Names the workload from window to window; never given to another one.
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

/// How the dynamic energy of a zone is divided.
package enum AttributionMethod: String, Sendable, CaseIterable {
    /// By ``DynamicPowerModel`` as far as it tells the meter better than CPU time does, by CPU time for the rest.
    case automatic = "auto"
    case cpuTime = "cpu-time"
    /// By core cycles; by CPU time where they are not counted.
    case cycles
    /// Kepler's: the used share of the CPU time is active power, and goes by CPU time; the rest is idle.
    case ratio
}

/// Who bears the static energy.
package enum StaticPolicy: String, Sendable, CaseIterable {
    /// The node: it is shown as idle.
    case none
    /// Those who ran, by CPU time.
    case cpuTime = "cpu-time"
    /// Every workload alike, whether it ran or not: a container, a unit, not what only holds others.
    case equal
    /// By weights of the caller: what each has reserved.
    case requests
}
