package import Snapshot

/// What can be said of an agent from its snapshot alone: nothing is opened, read or asked. Linear in the number of
/// sources, zones and collectors.
///
/// - Parameter isReady: whether the snapshot is fresh.
package func snapshotChecks(_ snapshot: Snapshot, isReady: Bool) -> [Check] {
    let samples =
        isReady
        ? Check("agent", "samples", .ok, "fresh: the last at \(snapshot.timestamp)")
        : Check(
            "agent", "samples", .fail, "the last one is of \(snapshot.timestamp)",
            remedy: "read the agent's log: why does it not sample any more?")
    return [samples, tierCheck(snapshot)] + agentChecks(process: nil, snapshot: snapshot, failure: nil)
        + powerStates(snapshot) + (snapshot.agent.nameSources ?? []).map { sourceCheck("names", $0, isNeeded: true) }
        + (snapshot.agent.exports ?? []).map(deliveryCheck)
}

private func tierCheck(_ snapshot: Snapshot) -> Check {
    let isDegraded = snapshot.tier == "procfs"
    return Check(
        "accounting", "tier", isDegraded ? .warn : .ok, "\(snapshot.tier): \(snapshot.tierReason)",
        remedy: isDegraded ? "run energyctl doctor on the node; docs/operations.md lists every cause" : nil)
}

private func powerStates(_ snapshot: Snapshot) -> [Check] {
    guard !snapshot.node.zones.isEmpty else {
        return [
            Check(
                "power", "zones", .fail, "no power is known of any part of the node",
                remedy: "see docs/meters.md, or add estimate to --power.sources")
        ]
    }
    let zones = snapshot.node.zones.map { zone in
        guard zone.isUp else {
            return Check(
                "power", "zone \(zone.name)", .warn, "not metered now: its source \(zone.source) cannot be read",
                remedy: "see the check of its source")
        }
        return Check("power", "zone \(zone.name)", .ok, "\(zone.quality), by \(zone.source)")
    }
    return zones + snapshot.agent.sources.map { sourceCheck("power", $0, isNeeded: $0.isInUse ?? true) }
}

/// - Parameter isNeeded: false for a source in reserve.
private func sourceCheck(_ area: String, _ source: Snapshot.SourceState, isNeeded: Bool) -> Check {
    let count = "\(source.errors) errors\(source.lastError.map { ", the last: \($0)" } ?? "")"
    guard !source.isUp else {
        return Check(area, source.name, .ok, source.errors == 0 ? "answers" : "answers; \(count)")
    }
    return Check(
        area, source.name, isNeeded ? .warn : .absent, "cannot be read; \(count)",
        remedy: area == "power" ? "see docs/meters.md" : "see docs/identity.md")
}
