/// How CPU time is accounted, and to which detail.
package struct AccountingValues: Sendable, Equatable {
    package var tier = TierChoice.automatic
    package var processes = ProcessTracking.automatic
    /// Processes that the kernel programs have room for.
    package var processLimit = 8192
    /// Cgroups that the kernel's table may grow to.
    package var cgroupLimit = 65536
    /// Whether a histogram of waits for a CPU is kept per workload.
    package var tracksWaits = false
    package var counters = CounterChoice.automatic
    /// Time that reading the hardware counters may take per context switch, ns.
    package var counterBudget = 100

    package init() {}
}

/// How CPU time is accounted.
package enum TierChoice: String, Sendable, CaseIterable {
    case automatic = "auto"
    /// In the kernel, or not at all.
    case kernel = "A"
    /// The same on kernels before 5.19: maps are read one by one.
    case batch = "B"
    /// From `cpu.stat` and `/proc`.
    case files = "C"
}

/// Whether CPU time is also kept per process.
package enum ProcessTracking: String, Sendable, CaseIterable {
    /// On where no containers run: there, processes are the only workloads that have a familiar name.
    case automatic = "auto"
    case on
    case off
}

/// Which performance counters are read at context switches.
package enum CounterChoice: String, Sendable, CaseIterable {
    /// Cycles, instructions and cache misses, where the machine has them.
    case automatic = "auto"
    case off
    /// CPU clock, context switches and page faults in their place, to try the path on a machine without counters.
    case software
}
