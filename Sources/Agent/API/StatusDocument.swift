internal import Diagnostics
internal import Formatting
internal import Snapshot

/// What the probes say, and when.
struct Readiness: Hashable, Sendable {
    /// As `/readyz`: samples are fresh.
    var isReady: Bool
    /// As `/healthz`: samples come, or may still come.
    var isAlive: Bool
}

/// The answer of `/api/v1/status`: what `energyctl doctor` knows of the agent that runs, as far as the agent itself does.
struct StatusDocument: Codable {
    let schemaVersion: Int
    /// `ok`, `warn`, `fail`: the worst of ``checks``.
    let status: String
    let verdict: String
    let isReady: Bool
    let isAlive: Bool
    let version: String
    let startTime: String
    let timestamp: String
    let sequence: UInt64
    let windowSeconds: Double
    let nodeName: String
    let tier: String
    let tierReason: String
    let meter: Snapshot.NodeMeter?
    let carbon: Snapshot.CarbonState
    let agent: Snapshot.AgentState
    let workloads: Int
    let checks: [Check]

    init(_ snapshot: Snapshot, _ readiness: Readiness) {
        let checks = snapshotChecks(snapshot, isReady: readiness.isReady)
        schemaVersion = snapshot.schemaVersion
        status = checks.status.rawValue
        verdict = checks.verdict
        isReady = readiness.isReady
        isAlive = readiness.isAlive
        version = snapshot.agent.version
        startTime = snapshot.agent.startTime
        timestamp = snapshot.timestamp
        sequence = snapshot.sequence
        windowSeconds = snapshot.windowSeconds
        nodeName = snapshot.node.name
        tier = snapshot.tier
        tierReason = snapshot.tierReason
        meter = snapshot.node.meter
        carbon = snapshot.carbon
        agent = snapshot.agent
        workloads = snapshot.workloads.count
        self.checks = checks
    }

    func write(to sink: ByteSink) throws { try JSONStream.write(self, to: sink) }
}
