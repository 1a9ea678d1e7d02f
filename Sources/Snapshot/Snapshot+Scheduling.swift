extension Snapshot {
    /// Scheduling figures of a workload, cumulative. A figure that is nil is not known on this node.
    package struct Scheduling: Codable, Sendable, Equatable {
        /// Context switches of threads that slept or waited, and of those that were preempted.
        package var voluntarySwitches: UInt64 = 0
        package var involuntarySwitches: UInt64 = 0
        /// Ready to run, but waiting for a CPU, s.
        package var waitSeconds: Double = 0
        /// Such waits by duration; their upper bounds are ``Snapshot/waitBounds``, the last is open.
        package var waitCounts: [UInt64]?
        /// CPU time during which the core's other thread was busy too, s.
        package var sharedCoreSeconds: Double?
        /// CPU time by class of core, s; nil where all are alike.
        package var cpuSecondsByClass: NamedValues<Double>?
        /// Hardware events by name, scaled to all of the CPU time where only a part of it was counted.
        package var events: NamedValues<UInt64>?
        /// Of the workload's cgroup: time for which its quota throttled it, s, and periods in which that happened.
        package var throttledSeconds: Double?
        package var throttledPeriods: UInt64?
        /// Time for which some of its tasks, or all of them (`full`), were stalled waiting for a resource, s:
        /// `cpu`, `memory`, `io`, `memory.full`, `io.full`.
        package var pressureSeconds: NamedValues<Double>?

        package init() {}
    }

    /// Upper bounds of ``Scheduling/waitCounts``, s: 2^12 ns, doubled 14 times.
    package static let waitBounds: [Double] = (12..<27).map { Double(UInt64(1) << $0) / 1e9 }

    /// How the kernel accounts, and whether it adds up.
    package struct Kernel: Codable, Sendable, Equatable {
        /// Of all maps, bytes.
        package var memoryBytes: UInt64 = 0
        package var cgroupsKept: Int = 0
        package var cgroupRoom: Int = 0
        /// Hardware events are counted in one run out of this many, a run lasting from one context switch of a CPU to
        /// the next; nil where they are not counted.
        package var countedTurns: Int?
        /// Time of all CPUs since the start as accounted by the kernel programs, s.
        package var chargedSeconds: Double = 0
        package var idleSeconds: Double = 0
        package var stolenSeconds: Double = 0
        /// Wall-clock time of all CPUs in the windows in which none came or went, s; nil before the first.
        package var comparedSeconds: Double?
        /// That time minus what was accounted in these windows, s. Anything but a small value is a defect.
        package var unaccountedSeconds: Double?
        /// By how much the CPU time of the workloads that were compared differs from their cgroups' own `cpu.stat`, as
        /// a share of it; nil before the first comparison.
        package var cpuStatDifference: Double?

        package init() {}
    }

    /// Time of one CPU since boot as reported by the kernel, s. `/proc/stat`
    package struct CPUTime: Codable, Sendable, Equatable {
        package var cpu: Int
        package var idle: Double
        package var iowait: Double
        package var irq: Double
        package var softirq: Double
        package var steal: Double

        package init(cpu: Int, idle: Double, iowait: Double, irq: Double, softirq: Double, steal: Double) {
            self.cpu = cpu
            self.idle = idle
            self.iowait = iowait
            self.irq = irq
            self.softirq = softirq
            self.steal = steal
        }
    }
}
