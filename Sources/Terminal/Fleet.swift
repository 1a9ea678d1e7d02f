package import Snapshot

/// What one of several nodes has answered.
package struct NodeReport: Sendable {
    /// Its own name, or its address where it has never answered.
    package var name: String
    /// Nil where there is none.
    package var snapshot: Snapshot?
    /// Why not, in words.
    package var problem: String?

    package init(name: String, snapshot: Snapshot?, problem: String? = nil) {
        self.name = name
        self.snapshot = snapshot
        self.problem = problem
    }
}

/// Several nodes as one snapshot: each is a row with its workloads below it, and the sums are those of all.
///
/// One that does not answer is a row without figures, and a notice; it is missing in the sums, which the title says.
package enum Fleet {
    /// Kind of the row of a whole node.
    static let kind = "node"
    /// Kind of the rows of what is no workload's.
    static let partKind = "part"
    /// The label with the name of the node that a row is from.
    static let nodeLabel = "energyd.node.name"

    /// Nil where no node has answered.
    package static func merged(_ reports: [NodeReport]) -> Snapshot? {
        let known = reports.compactMap { report in report.snapshot.map { (report.name, $0) } }
        guard let first = known.first?.1 else { return nil }
        var whole = first
        whole.node = node(known.map(\.1), of: reports.count)
        whole.unixTime = known.map(\.1.unixTime).max() ?? 0
        whole.timestamp = known.map(\.1.timestamp).max() ?? ""
        whole.sequence = known.map(\.1.sequence).max() ?? 0
        whole.windowSeconds = known.map(\.1.windowSeconds).max() ?? 0
        whole.carbon = carbon(known.map(\.1))
        // Of a sum there is one where all pay the same.
        let isOnePrice = known.allSatisfy { $0.1.price == first.price && $0.1.carbon.pue == first.carbon.pue }
        if !isOnePrice { whole.price = nil }
        if whole.carbon.pue != first.carbon.pue { whole.price = nil }
        // The worst of them: it is what the figures have to be read with.
        if let other = known.map(\.1).first(where: { $0.tier != "ebpf" }) {
            (whole.tier, whole.tierReason) = (other.tier, "\(other.node.name): \(other.tierReason)")
        }
        (whole.workloads, whole.processes, whole.commands) = ([], [], [])
        whole.kernel = nil
        var sums: [String: Snapshot.Aggregate] = [:]
        for (name, snapshot) in known {
            whole.workloads += workloads(of: snapshot, named: name)
            whole.processes += snapshot.processes.map { moved($0, to: name) }
            for sum in snapshot.aggregates ?? [] { sums[Row.id(sum)] = added(sums[Row.id(sum)], sum) }
        }
        whole.workloads += reports.filter { $0.snapshot == nil }.map(absent)
        whole.aggregates = sums.isEmpty ? nil : sums.values.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        // Runs of several agents: that of one must not begin everything anew.
        (whole.agent.startTime, whole.agent.processStartUnixTime) = ("", nil)
        whole.agent.drainSeconds = known.map(\.1.agent.drainSeconds).max() ?? 0
        whole.agent.notices =
            reports.filter { $0.snapshot == nil }.map(notice)
            + known.flatMap { name, snapshot in snapshot.agent.notices.map { "\(name): \($0)" } }
        whole.agent.aggregatedBy = Array(Set(known.flatMap { $0.1.agent.aggregatedBy ?? [] })).sorted()
        return whole
    }

    private static func node(_ snapshots: [Snapshot], of count: Int) -> Snapshot.Node {
        func sum(_ value: (Snapshot.Node) -> Double?) -> Double? {
            let known = snapshots.compactMap { value($0.node) }
            return known.isEmpty ? nil : known.reduce(0, +)
        }
        func bucket(_ path: KeyPath<Snapshot.Node, Snapshot.Bucket>) -> Snapshot.Bucket {
            var zones: [String: UInt64] = [:]
            for snapshot in snapshots {
                zones.merge(snapshot.node[keyPath: path].zones, uniquingKeysWith: UInt64.saturatingSum)
            }
            return Snapshot.Bucket(
                cpuSeconds: sum { $0[keyPath: path].cpuSeconds }, powerWatts: sum { $0[keyPath: path].powerWatts },
                emissionsGrams: sum { $0[keyPath: path].emissionsGrams }, zones: zones)
        }
        let name = snapshots.count == count ? "\(count) nodes" : "\(snapshots.count) of \(count) nodes"
        return Snapshot.Node(
            name: name, cpuModel: "", cpuCount: snapshots.reduce(0) { .saturatingSum($0, $1.node.cpuCount) },
            cpuSeconds: sum(\.cpuSeconds) ?? 0, cpuUsage: sum(\.cpuUsage) ?? 0, powerWatts: sum(\.powerWatts),
            emissionsGrams: sum(\.emissionsGrams), zones: zones(snapshots.flatMap(\.node.zones)),
            idle: bucket(\.idle), system: bucket(\.system), unattributed: bucket(\.unattributed))
    }

    /// By name and source, in the order in which they come.
    private static func zones(_ all: [Snapshot.ZoneState]) -> [Snapshot.ZoneState] {
        var zones: [Snapshot.ZoneState] = []
        for zone in all {
            let place = zones.firstIndex {
                $0.name == zone.name && $0.source == zone.source && $0.quality == zone.quality && $0.isUp == zone.isUp
            }
            guard let place else {
                zones.append(zone)
                continue
            }
            func plus(_ path: WritableKeyPath<Snapshot.ZoneState, Double?>) {
                guard let a = zones[place][keyPath: path], let b = zone[keyPath: path] else { return }
                zones[place][keyPath: path] = a + b
            }
            plus(\.powerWatts)
            plus(\.powerLowWatts)
            plus(\.powerHighWatts)
            zones[place].energyMicrojoules = .saturatingSum(zones[place].energyMicrojoules, zone.energyMicrojoules)
        }
        return zones
    }

    /// The mean of the grids, by the power that each of them provides.
    private static func carbon(_ snapshots: [Snapshot]) -> Snapshot.CarbonState {
        let factors = snapshots.map { $0.carbon.intensityGramsPerKilowattHour * $0.carbon.pue }
        let first = snapshots[0].carbon
        if Set(factors).count == 1 { return first }
        let watts = snapshots.map { $0.node.powerWatts ?? 0 }
        let all = watts.reduce(0, +)
        let mean = all > 0 ? zip(factors, watts).reduce(0) { $0 + $1.0 * $1.1 } / all : factors[0]
        return Snapshot.CarbonState(intensityGramsPerKilowattHour: mean, source: "mean, PUE included", pue: 1)
    }

    private static func workloads(of snapshot: Snapshot, named name: String) -> [Snapshot.Workload] {
        let node = snapshot.node
        let root = "node:\(name)"
        func part(_ title: String, _ bucket: Snapshot.Bucket) -> Snapshot.Workload {
            row("\(name)/\(title)", partKind, title, parent: root, bucket.powerWatts, 0, bucket.zones, name)
        }
        let zones = Dictionary(
            node.zones.map { ($0.name, $0.energyMicrojoules) }, uniquingKeysWith: UInt64.saturatingSum)
        var rows = [
            row(root, kind, name, parent: nil, node.powerWatts, node.cpuUsage, zones, name),
            part("idle", node.idle), part("kernel threads", node.system), part("unattributed", node.unattributed),
        ]
        rows[0].cpuSeconds = node.cpuSeconds
        rows[0].emissionsGrams = node.emissionsGrams
        return rows
            + snapshot.workloads.map { workload in
                var workload = workload
                workload.id = "\(name)/\(workload.id)"
                workload.parentId = workload.parentId.map { "\(name)/\($0)" } ?? root
                workload.labels[nodeLabel] = name
                return workload
            }
    }

    private static func notice(_ report: NodeReport) -> String {
        let problem = report.problem ?? "no answer"
        // Failures of a client begin with the address already.
        return problem.hasPrefix(report.name + ": ") ? problem : "\(report.name): \(problem)"
    }

    private static func absent(_ report: NodeReport) -> Snapshot.Workload {
        row("node:\(report.name)", kind, "\(report.name) (no answer)", parent: nil, nil, 0, [:], report.name)
    }

    private static func row(
        _ id: String, _ kind: String, _ title: String, parent: String?, _ watts: Double?, _ cpus: Double,
        _ zones: [String: UInt64], _ node: String
    ) -> Snapshot.Workload {
        let names = zones.keys.sorted()
        return Snapshot.Workload(
            id: id, kind: kind, name: title, cgroupPath: "", cgroupId: 0, parentId: parent, isAlive: true,
            cpuSeconds: 0, cpuUsage: cpus, contextSwitches: nil, powerWatts: watts, emissionsGrams: nil,
            zones: NamedValues(
                names: names,
                values: names.map { .init(dynamicMicrojoules: zones[$0] ?? 0, staticMicrojoules: 0) }),
            labels: [nodeLabel: node])
    }

    /// PIDs and cgroups of different nodes may have the same numbers.
    private static func moved(_ process: Snapshot.Process, to node: String) -> Snapshot.Process {
        var process = process
        process.workloadId = "\(node)/\(process.workloadId)"
        let hash = node.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        process.cgroupId = (process.cgroupId ?? 0) ^ hash
        return process
    }

    private static func added(_ a: Snapshot.Aggregate?, _ b: Snapshot.Aggregate) -> Snapshot.Aggregate {
        guard var sum = a else { return b }
        func plus(_ x: Double?, _ y: Double?) -> Double? { x.map { $0 + (y ?? 0) } ?? y }
        sum.pods = .saturatingSum(sum.pods, b.pods)
        sum.cpuSeconds += b.cpuSeconds
        sum.cpuUsage += b.cpuUsage
        sum.powerWatts = plus(sum.powerWatts, b.powerWatts)
        sum.emissionsGrams = plus(sum.emissionsGrams, b.emissionsGrams)
        var zones = Dictionary(sum.zones.map { ($0, $1) }) { first, _ in first }
        for (name, energy) in b.zones {
            let old = zones[name] ?? .init(dynamicMicrojoules: 0, staticMicrojoules: 0)
            zones[name] = .init(
                dynamicMicrojoules: .saturatingSum(old.dynamicMicrojoules, energy.dynamicMicrojoules),
                staticMicrojoules: .saturatingSum(old.staticMicrojoules, energy.staticMicrojoules))
        }
        let names = zones.keys.sorted()
        sum.zones = NamedValues(
            names: names,
            values: names.map { zones[$0] ?? .init(dynamicMicrojoules: 0, staticMicrojoules: 0) })
        return sum
    }
}
