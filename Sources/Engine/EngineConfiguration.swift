package import Accounting
package import Attribution
package import Impact
package import Ledger
package import Linux
package import Metering
package import Names

/// What the engine works from. Module Composition makes one from the configuration in force.
package struct EngineConfiguration: Sendable {
    package var paths = HostPaths()
    /// Time between ticks.
    package var interval = Duration.seconds(1)
    /// Length of the first window: short, because nobody is told anything before its end.
    package var firstInterval: Duration { min(interval, .seconds(1)) }
    package var nodeName = "localhost"
    package var carbon = CarbonModel(intensity: .world, pue: 1)
    package var processes = AccountingConfiguration.ProcessTracking.automatic
    /// Processes that the kernel has room for.
    package var processLimit = 8192
    /// How long a workload that ended stays visible.
    package var retention = Duration.seconds(600)
    /// Ended workloads that stay visible at most; the oldest go first.
    package var retentionLimit = 1000
    package var tier = AccountingConfiguration.TierChoice.automatic
    /// Cgroups that the kernel keeps room for at the start; nil for twice as many as there are.
    package var cgroupCapacity: Int?
    /// Cgroups that room may grow to.
    package var cgroupLimit = 65536
    /// Whether waits for a CPU are kept by length.
    package var tracksWaits = false
    package var counters = AccountingConfiguration.CounterChoice.automatic
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

    /// The part of it that the accounting needs.
    package var accounting: AccountingConfiguration {
        var accounting = AccountingConfiguration()
        accounting.paths = paths
        accounting.tier = tier
        accounting.processes = processes
        accounting.processLimit = processLimit
        accounting.cgroupCapacity = cgroupCapacity
        accounting.cgroupLimit = cgroupLimit
        accounting.tracksWaits = tracksWaits
        accounting.counters = counters
        accounting.counterBudget = counterBudget
        return accounting
    }
}
