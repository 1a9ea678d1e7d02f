/// How the dynamic energy of a zone is divided.
package enum AttributionMethod: String, Sendable, CaseIterable {
    /// By ``PowerRegression`` to the extent that it predicts the meter better than CPU time does, by CPU time for the
    /// rest.
    case automatic = "auto"
    case cpuTime = "cpu-time"
    /// By core cycles; by CPU time where they are not counted.
    case cycles
    /// Kepler's: the used share of the CPU time is active power, and is divided by CPU time; the rest is idle.
    case ratio
}

/// Who is charged for static energy.
package enum StaticPolicy: String, Sendable, CaseIterable {
    /// The node: it is shown as idle.
    case none
    /// The workloads that ran, by CPU time.
    case cpuTime = "cpu-time"
    /// Every workload alike, whether it ran or not: containers and units, not what only contains others.
    case equal
    /// By weights of the caller: what each workload has reserved.
    case requests
}
