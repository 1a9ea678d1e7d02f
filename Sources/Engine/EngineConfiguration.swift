package import Attribution
package import Impact
package import Linux
package import Metering
package import Names

/// What the engine is told; everything has a default that suits a bare host.
package struct EngineConfiguration: Sendable {
    package var paths = HostPaths()
    /// Time between ticks.
    package var interval = Duration.seconds(1)
    /// Length of the first window: short, because nobody is told anything before its end.
    package var firstInterval: Duration { min(interval, .seconds(1)) }
    package var nodeName = hostName()
    package var carbon = CarbonModel(intensity: .world, pue: 1)
    package var processes = ProcessTracking.automatic
    /// Processes that the kernel has room for.
    package var processLimit = 8192
    /// How long a workload that ended stays visible.
    package var retention = Duration.seconds(600)
    /// Ended workloads that stay visible at most; the oldest go first.
    package var retentionLimit = 1000
    package var tier = TierChoice.automatic
    /// Cgroups that the kernel keeps room for at the start; nil for twice as many as there are.
    package var cgroupRoom: Int?
    /// Cgroups that room may grow to.
    package var cgroupLimit = 65536
    /// Whether waits for a CPU are kept by length.
    package var tracksWaits = false
    package var counters = CounterChoice.automatic
    /// Time that reading the hardware counters may take per context switch, ns.
    package var counterBudget = 100
    package var power = PowerConfiguration()
    /// Where the ledger survives restarts; nil for nowhere.
    package var stateFile: String?
    /// Whether the kubelet's log directories are asked for names.
    package var readsLogDirectories = true
    /// Names that others find in the background.
    package var names: NameFeed?
    /// What pods are added up by, besides their namespace; nil where nobody knows their owners and labels.
    package var rollUps: RollUpDimensions?
    /// How dynamic energy is divided.
    package var attribution = AttributionMethod.automatic
    /// Who bears static energy.
    package var staticPolicy = StaticPolicy.none
    /// A file of ``PowerModelFile``, for a node without a meter.
    package var powerModelPath: String?

    package init() {}

    /// Whether CPU time is also kept per process.
    package enum ProcessTracking: String, Sendable, CaseIterable {
        /// Where no containers run: there, processes are all that a user knows.
        case automatic = "auto"
        case on
        case off
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

    /// Which performance counters are read at context switches.
    package enum CounterChoice: String, Sendable, CaseIterable {
        /// Cycles, instructions and cache misses, where the machine has them.
        case automatic = "auto"
        case off
        /// CPU clock, context switches and page faults in their place: to try the way on a machine without.
        case software
    }
}
