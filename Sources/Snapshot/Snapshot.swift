/// Everything the agent knows at the end of one tick: all that readers ever get.
///
/// Immutable and complete, so that a scrape, a push and `energyctl top` show the same instant, and reading has no
/// side effect. Its JSON form, `/api/v1/snapshot`, is a contract: fields may be added, a change of meaning raises
/// ``schemaVersion``.
///
/// The tree adds up: for every zone, the `dynamic + static` energy of the workloads without a ``Workload/parentId``,
/// plus ``Node/idle``, ``Node/system`` and ``Node/unattributed``, is the zone's ``ZoneState/energyMicrojoules``, to
/// the microjoule.
package struct Snapshot: Codable, Sendable, Equatable {
    package static let currentSchemaVersion = 1

    package var schemaVersion = Snapshot.currentSchemaVersion
    /// The end of the window, RFC 3339 in UTC.
    package var timestamp: String
    /// The same as Unix time, s.
    package var unixTime: Double
    /// Ticks since the agent started; the first with energy is 1.
    package var sequence: UInt64
    /// Length of the window that the powers and rates describe, s.
    package var windowSeconds: Double
    /// How CPU time is accounted: `ebpf` in the kernel, `ebpf-batch` the same on older kernels, `procfs` from `cpu.stat`
    /// and `/proc`.
    package var tier: String
    /// Why that tier: what was found, or what is missing and how to get it.
    package var tierReason: String
    package var node: Node
    package var carbon: CarbonState
    /// Of the energy; nil where none is configured.
    package var price: PriceState?
    package var workloads: [Workload]
    /// Those that are running, or ran in the window.
    package var processes: [Process]
    /// The same by name, including processes that ended long ago, so that these counters never fall.
    package var commands: [Command]
    /// Sums over pods by owner and by allowed label; not part of the tree. Absent where there are none.
    package var aggregates: [Aggregate]?
    package var agent: AgentState
    /// The accounting in the kernel; nil where there is none.
    package var kernel: Kernel?
    /// Every CPU that is online; nil where that cannot be read.
    package var cpus: [CPUTime]?
    /// When the machine started, Unix time, s: since when ``cpus`` counts. nil where that cannot be read.
    package var bootUnixTime: Double?

    package init(
        timestamp: String, unixTime: Double, sequence: UInt64, windowSeconds: Double, tier: String, tierReason: String,
        node: Node,
        carbon: CarbonState, workloads: [Workload], processes: [Process], commands: [Command],
        aggregates: [Aggregate]? = nil, agent: AgentState
    ) {
        self.timestamp = timestamp
        self.unixTime = unixTime
        self.sequence = sequence
        self.windowSeconds = windowSeconds
        self.tier = tier
        self.tierReason = tierReason
        self.node = node
        self.carbon = carbon
        self.workloads = workloads
        self.processes = processes
        self.commands = commands
        self.aggregates = aggregates
        self.agent = agent
    }
}
