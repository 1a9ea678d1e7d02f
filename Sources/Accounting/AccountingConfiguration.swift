package import Linux

/// How CPU time is to be accounted. The defaults suit a bare host.
package struct AccountingConfiguration: Sendable, Equatable {
    package var paths = HostPaths()
    package var tier = TierChoice.automatic
    package var processes = ProcessTracking.automatic
    /// Processes that the kernel has room for.
    package var processLimit = 8192
    /// Cgroups that the kernel has room for at the start; nil for twice as many as there are.
    package var cgroupCapacity: Int?
    /// Cgroups that the room may grow to.
    package var cgroupLimit = 65536
    /// Whether waits for a CPU are counted by length.
    package var tracksWaits = false
    package var counters = CounterChoice.automatic
    /// Time that reading the hardware events may take per context switch, ns.
    package var counterBudget = 100

    package init() {}

    /// Which ``Tier`` to use.
    package enum TierChoice: String, Sendable, CaseIterable {
        case automatic = "auto"
        /// Kernel programs, or not at all.
        case ebpf
        /// Kernel programs, and their maps read by the agent.
        case ebpfBatch = "ebpf-batch"
        /// `cpu.stat` and `/proc`.
        case procfs
    }

    /// Whether CPU time is also kept by process.
    package enum ProcessTracking: String, Sendable, CaseIterable {
        /// Where no containers run: there, processes are all that a user knows.
        case automatic = "auto"
        case on
        case off
    }

    /// Which performance events are read at context switches.
    package enum CounterChoice: String, Sendable, CaseIterable {
        /// Cycles, instructions and cache misses, where the machine has them.
        case automatic = "auto"
        case off
        /// CPU clock, context switches and page faults instead: to test on a machine without a PMU.
        case software
    }
}
