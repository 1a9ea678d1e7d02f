package import Accounting
package import Attribution
package import Impact
package import Ledger
package import Linux
package import Metering
package import Names

/// What the engine and its parts work from. Module Composition makes one from the configuration in force, where the
/// defaults stand.
package struct EngineConfiguration: Sendable {
    package var paths = HostPaths() {
        didSet { accounting.paths = paths }
    }
    /// Time between ticks.
    package var interval: Duration
    /// Length of the first window: short, because the agent is not ready before its end.
    package var firstInterval: Duration { min(interval, .seconds(1)) }
    package var nodeName = "localhost"
    /// What snapshots name as the agent's version.
    package var version = energydVersion
    package var carbon = CarbonModel(intensity: .world)
    /// What a kWh costs; nil where that is not known.
    package var price: EnergyPrice?
    package var accounting = AccountingConfiguration()
    /// How long a workload that ended stays visible.
    package var retention: Duration
    /// Ended workloads that stay visible at most; the oldest go first.
    package var retentionLimit = 1000
    /// Most resident memory, bytes.
    package var memoryLimit = 96 << 20
    package var power = PowerConfiguration()
    /// Where the ledger survives restarts; nil for nowhere.
    package var stateFile: String?
    /// Whether names are read from the kubelet's log directories.
    package var readsLogDirectories = true
    /// How long a name is waited for before a workload is shown under its id.
    package var nameWait = Duration.seconds(15)
    /// Names that are found in the background.
    package var names: NameFeed?
    /// What pods are summed by, besides their namespace; nil where their owners and labels are not known.
    package var rollUps: RollUpDimensions?
    /// How dynamic energy is divided.
    package var attribution = AttributionMethod.automatic
    /// Which workloads bear static energy.
    package var staticPolicy = StaticPolicy.none
    /// The idle power that the operator gave; nil where it is learned.
    package var idlePower: ConfiguredIdle?
    /// A file of ``PowerModelFile``, for a node without a meter.
    package var powerModelPath: String?

    package init(interval: Duration, retention: Duration) {
        self.interval = interval
        self.retention = retention
    }
}
