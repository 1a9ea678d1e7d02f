internal import Snapshot

/// A field of a workload in an answer, under the name that it has in the snapshot.
package enum WorkloadField: String, CaseIterable, CodingKey, Sendable {
    case id, kind, name, cgroupPath, cgroupId, parentId, isNested, isAlive, cpuSeconds, cpuUsage, contextSwitches
    case scheduling, powerWatts, emissionsGrams
    /// Not in the snapshot: the sum over ``zones``, dynamic and static.
    case energyMicrojoules
    case zones, since, isAwaitingName, labels
}

/// A workload with the fields that were asked for; what is not known is left out.
struct WorkloadRow: Encodable {
    let workload: Snapshot.Workload
    /// In the order of ``WorkloadField``.
    let fields: [WorkloadField]

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: WorkloadField.self)
        for field in fields {
            switch field {
            case .id: try row.encode(workload.id, forKey: field)
            case .kind: try row.encode(workload.kind, forKey: field)
            case .name: try row.encode(workload.name, forKey: field)
            case .cgroupPath: try row.encode(workload.cgroupPath, forKey: field)
            case .cgroupId: try row.encode(workload.cgroupId, forKey: field)
            case .parentId: try row.encodeIfPresent(workload.parentId, forKey: field)
            case .isNested: try row.encodeIfPresent(workload.isNested, forKey: field)
            case .isAlive: try row.encode(workload.isAlive, forKey: field)
            case .cpuSeconds: try row.encode(workload.cpuSeconds, forKey: field)
            case .cpuUsage: try row.encode(workload.cpuUsage, forKey: field)
            case .contextSwitches: try row.encodeIfPresent(workload.contextSwitches, forKey: field)
            case .scheduling: try row.encodeIfPresent(workload.scheduling, forKey: field)
            case .powerWatts: try row.encodeIfPresent(workload.powerWatts, forKey: field)
            case .emissionsGrams: try row.encodeIfPresent(workload.emissionsGrams, forKey: field)
            case .energyMicrojoules: try row.encodeIfPresent(workload.energyMicrojoules, forKey: field)
            case .zones: try row.encode(workload.zones, forKey: field)
            case .since: try row.encodeIfPresent(workload.since, forKey: field)
            case .isAwaitingName: try row.encodeIfPresent(workload.isAwaitingName, forKey: field)
            case .labels: try row.encode(workload.labels, forKey: field)
            }
        }
    }
}

extension Snapshot.Workload {
    /// In all zones, dynamic and static; nil where none is known. Zones do not overlap.
    package var energyMicrojoules: UInt64? {
        guard !zones.isEmpty else { return nil }
        return zones.values.reduce(0) { $0 &+ $1.dynamicMicrojoules &+ $1.staticMicrojoules }
    }
}
