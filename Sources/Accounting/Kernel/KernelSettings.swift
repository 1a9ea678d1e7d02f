package import BPF
package import Linux

/// What the kernel programs are to keep, and room for how much.
package struct KernelSettings: Sendable {
    /// How totals are fetched from the kernel.
    package enum Reading: Sendable {
        /// By programs that write them to a ring buffer (tier `ebpf`).
        case drain
        /// By reading the maps (tier `ebpf-batch`).
        case batch
    }

    /// How the programs follow cgroups that come and go, and tasks that are moved.
    package enum Events: Sendable {
        /// At functions of the kernel.
        case functions
        /// At the kernel's tracepoints for cgroups, which cost the more the deeper a cgroup lies.
        case tracepoints
        /// Not at all: walks find cgroups.
        case none
    }

    package var reading = Reading.drain
    /// Slots for cgroups.
    package var cgroupCapacity: Int
    /// Slots for processes; zero to leave them out.
    package var processCapacity = 0
    /// Number of the version 1 hierarchy that is accounted too; 0 for none.
    package var legacyHierarchy: UInt32 = 0
    package var events = Events.functions
    /// Keep a histogram of waits for a CPU.
    package var tracksWaits = false
    package var topology: CPUTopology
    /// Hardware events: cycles, instructions, cache misses, in this order; the first ones of them.
    package var counters: [PerfCounter.Event] = []
    /// Time that reading the hardware events may take per context switch, ns; where it takes longer, only some runs are
    /// counted.
    package var counterBudget = 100
    /// The running task has no type: before Linux 5.11.
    package var flushesUntyped = false

    package init(cgroupCapacity: Int, topology: CPUTopology = CPUTopology(uniform: Machine.possibleCPUs)) {
        self.cgroupCapacity = cgroupCapacity
        self.topology = topology
    }
}
