internal import Snapshot

/// What each workload of a snapshot has used itself, without what lies below it: all of them and the parts of the node add
/// up to the node.
struct OwnTotals {
    struct Entry {
        var workload: HistoryWorkload
        var parentID: String?
        var usage: HistoryUsage
        /// Whether a user who is not root chose its name.
        var isUserMade = false
    }

    /// By the id that the workload has in the snapshot.
    var entries: [String: Entry] = [:]
    /// What is no workload's.
    var parts: [HistoryWorkload.Part: HistoryUsage] = [:]
    /// Of each zone of the node, uJ.
    var node: [Int64]
    let zones: [String]

    /// - Parameters:
    ///   - base: earlier ones, which know who made what.
    ///   - isUserMade: see ``HistoryRecorder``.
    init(_ snapshot: Snapshot, after base: OwnTotals? = nil, isUserMade: (Snapshot.Workload) -> Bool = { _ in false }) {
        zones = snapshot.node.zones.map(\.name)
        node = snapshot.node.zones.map { Int64(clamping: $0.energyMicrojoules) }
        entries.reserveCapacity(snapshot.workloads.count)
        var order = NameOrder(zones)
        let totals = snapshot.workloads.map { total(of: $0, &order) }
        let pods = Pods(snapshot)
        for (workload, total) in zip(snapshot.workloads, totals) {
            entries[workload.id] = Entry(
                workload: HistoryWorkload(workload, in: pods.pod(of: workload)), parentID: workload.parentId,
                usage: total, isUserMade: base?.entries[workload.id]?.isUserMade ?? isUserMade(workload))
        }
        for (workload, total) in zip(snapshot.workloads, totals) {
            if let parent = workload.parentId { entries[parent]?.usage.subtract(total) }
        }
        parts[.idle] = part(snapshot.node.idle, isStatic: true)
        parts[.system] = part(snapshot.node.system, isStatic: false)
        parts[.unattributed] = part(snapshot.node.unattributed, isStatic: false)
    }

    /// Of names that root gave too, and those that a user gave, the former count.
    var userMade: Set<HistoryWorkload> {
        var names = Set(entries.values.lazy.filter(\.isUserMade).map(\.workload))
        if !names.isEmpty { names.subtract(entries.values.lazy.filter { !$0.isUserMade }.map(\.workload)) }
        return names
    }

    /// Which pod containers lie in, also those in containers.
    private struct Pods {
        private var pods: [String: Snapshot.Workload] = [:]
        private var parents: [String: String] = [:]

        init(_ snapshot: Snapshot) {
            for workload in snapshot.workloads {
                if workload.kind == "pod" { pods[workload.id] = workload }
                if workload.kind == "container", let parent = workload.parentId { parents[workload.id] = parent }
            }
        }

        /// nil for what lies in none. O(depth), which is bounded: a foreign snapshot may have a circle.
        func pod(of workload: Snapshot.Workload) -> Snapshot.Workload? {
            var parent = workload.kind == "container" ? workload.parentId : nil
            for _ in 0..<64 {
                guard let id = parent else { return nil }
                if let pod = pods[id] { return pod }
                parent = parents[id]
            }
            return nil
        }
    }

    /// The figures of a workload with everything below it.
    private func total(of workload: Snapshot.Workload, _ order: inout NameOrder) -> HistoryUsage {
        var total = HistoryUsage(zones: zones.count)
        total.cpuMicroseconds = Self.millionths(workload.cpuSeconds)
        total.emissionsMicrograms = workload.emissionsGrams.map(Self.millionths)
        for (zone, place) in order.places(in: workload.zones.names).enumerated() {
            guard let place else { continue }
            let energy = workload.zones.values[place]
            total.energy[zone] = HistoryEnergy(
                dynamic: Int64(clamping: energy.dynamicMicrojoules), static: Int64(clamping: energy.staticMicrojoules))
        }
        return total
    }

    private func part(_ bucket: Snapshot.Bucket, isStatic: Bool) -> HistoryUsage {
        var usage = HistoryUsage(zones: zones.count)
        usage.cpuMicroseconds = Self.millionths(bucket.cpuSeconds ?? 0)
        usage.emissionsMicrograms = bucket.emissionsGrams.map(Self.millionths)
        for (index, zone) in zones.enumerated() {
            let all = Int64(clamping: bucket.zones[zone] ?? 0)
            let atRest = isStatic ? all : Int64(clamping: bucket.staticZones?[zone] ?? 0)
            usage.energy[index] = HistoryEnergy(dynamic: all - atRest, static: atRest)
        }
        return usage
    }

    /// Cumulative figures are rounded before they are subtracted, so that no error adds up.
    private static func millionths(_ value: Double) -> Int64 {
        let scaled = (value * 1e6).rounded()
        return scaled.isFinite ? Int64(max(-9e18, min(scaled, 9e18))) : 0
    }
}

extension HistoryUsage {
    /// A figure that is not known stays so; one that is known less than the other does too.
    mutating func subtract(_ other: HistoryUsage) {
        cpuMicroseconds -= other.cpuMicroseconds
        if let less = other.emissionsMicrograms { emissionsMicrograms = emissionsMicrograms.map { $0 - less } }
        for zone in energy.indices { energy[zone] -= other.energy[zone] }
    }
}
