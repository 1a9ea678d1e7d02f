package import Snapshot

/// What an agent that runs says of itself.
///
/// - Parameters:
///   - process: its id; nil where there is none.
///   - snapshot: its newest one; nil where it does not answer.
///   - failure: why not.
package func agentChecks(process: Int32?, snapshot: Snapshot?, failure: String?) -> [Check] {
    guard let snapshot else {
        guard let process else { return [Check("agent", "process", .absent, "no agent runs")] }
        return [
            Check(
                "agent", "process", .fail,
                "process \(process) does not answer: \(failure ?? "it listens nowhere that is known")",
                remedy: "read its log (journalctl -u energyd, kubectl logs)")
        ]
    }
    let agent = snapshot.agent
    let place = process.map { "process \($0), " } ?? ""
    let running = Check("agent", "process", .ok, "\(place)version \(agent.version), since \(agent.startTime)")
    let notices = agent.notices.enumerated().map { Check("agent", "notice \($0 + 1)", .warn, $1) }
    return [running, faultCheck(agent)] + cgroupCheck(snapshot) + notices
}

/// Whether every cgroup is a workload of its own; nothing for an agent that does not say.
private func cgroupCheck(_ snapshot: Snapshot) -> [Check] {
    guard let folded = snapshot.agent.cgroupsFolded else { return [] }
    let shown = snapshot.workloads.count
    guard folded > 0 else { return [Check("agent", "cgroups", .ok, "each is listed individually: \(shown) workloads")] }
    return [
        Check(
            "agent", "cgroups", .warn,
            "\(folded) are added up as (other), beside \(shown) workloads that are listed individually",
            remedy: "raise --limits.memory, or find out who makes them: docs/security.md, \"Bounds\"")
    ]
}

/// What every healthy agent counts; docs/operations.md, "Fault counters".
private let expectedFaults: Set = [
    "switches_resynchronized", "program_runs_skipped", "kernel_table_grown", "power_wrap",
]

/// Everything that was lost, refused or late has a counter.
private func faultCheck(_ agent: Snapshot.AgentState) -> Check {
    let counts = agent.faults.filter { $0.value > 0 && !expectedFaults.contains($0.key) }.sorted { $0.key < $1.key }.map
    { "\($0.key) \($0.value)" }
    let late = agent.lateTicks > 0 ? ["late ticks \(agent.lateTicks)"] : []
    guard !(counts + late).isEmpty else { return Check("agent", "faults", .ok, "none since it started") }
    return Check(
        "agent", "faults", .warn, "since it started: \((late + counts).joined(separator: ", "))",
        remedy: "docs/operations.md, \"Fault counters\", explains each")
}
