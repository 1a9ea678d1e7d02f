internal import Snapshot

/// A snapshot about to be exported, with what several collectors need of it: computed once.
struct Exposition {
    /// A workload, aggregate or process name that has series, with the figures that all of them have: read once, and not
    /// again for every family.
    struct Row {
        /// In its list of the snapshot.
        let index: Int
        /// The attributes that identify it, in every series.
        let identity: AttributeSet
        /// Its further attributes; nil where there can be none.
        let facts: AttributeSet?
        let zones: NamedValues<Snapshot.ZoneEnergy>
        let powerWatts: Double?
        let emissionsGrams: Double?
        let cpuSeconds: Double

        init(_ index: Int, _ user: some EnergyUser, _ attributes: AttributeCache.Entry) {
            self.index = index
            identity = attributes.identity
            facts = attributes.facts
            zones = user.zones
            powerWatts = user.powerWatts
            emissionsGrams = user.emissionsGrams
            cpuSeconds = user.cpuSeconds
        }
    }

    /// A workload with scheduling figures.
    struct Scheduled {
        let identity: AttributeSet
        let scheduling: Snapshot.Scheduling
    }

    let snapshot: Snapshot
    /// Names of the node's zones.
    let zones: [String]
    let parts: [Snapshot.Part]
    private var rowsByKind: [String: [Row]] = [:]
    private var scheduledByKind: [String: [Scheduled]] = [:]
    /// Process names with the most energy.
    private(set) var commands: [Row] = []

    /// - Parameter attributes: from the snapshot before; afterwards has what this one needs and nothing else.
    init(_ snapshot: Snapshot, _ selection: MetricSelection, _ attributes: AttributeCache) {
        self.snapshot = snapshot
        zones = snapshot.node.zones.map(\.name)
        parts = snapshot.parts
        attributes.begin()
        let kinds = WorkloadKind.all.filter { selection.includes($0.level) }
        let byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
        for index in snapshot.workloads.indices {
            guard let kind = byName[snapshot.workloads[index].kind] else { continue }
            let workload = snapshot.workloads[index]
            let entry = attributes.entry(of: workload, kind)
            rowsByKind[kind.name, default: []].append(Row(index, workload, entry))
            guard let scheduling = workload.scheduling else { continue }
            scheduledByKind[kind.name, default: []].append(
                Scheduled(identity: entry.identity, scheduling: scheduling))
        }
        for (index, aggregate) in (snapshot.aggregates ?? []).enumerated() {
            guard let kind = byName[aggregate.kind] else { continue }
            rowsByKind[kind.name, default: []].append(Row(index, aggregate, attributes.entry(of: aggregate, kind)))
        }
        if selection.includes(.process) {
            commands = snapshot.largestCommands(selection.processLimit).map { index in
                Row(index, snapshot.commands[index], attributes.entry(of: snapshot.commands[index]))
            }
        }
        attributes.end()
    }

    /// Those of one kind, in the order of the snapshot.
    func rows(_ kind: String) -> [Row] { rowsByKind[kind] ?? [] }

    /// The same, only those with scheduling figures.
    func scheduled(_ kind: String) -> [Scheduled] { scheduledByKind[kind] ?? [] }
}

extension Snapshot {
    /// Indices of the commands with the most energy: all of them in their order where they are not too many.
    func largestCommands(_ limit: Int) -> [Int] {
        guard commands.count > limit else { return Array(commands.indices) }
        let energy = commands.map { $0.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules + $1.staticMicrojoules } }
        // Equal ones by name, so that the selection does not alternate between them.
        let sorted = commands.indices.sorted { a, b in
            (energy[b], commands[a].workloadId, commands[a].comm) < (
                energy[a], commands[b].workloadId, commands[b].comm
            )
        }
        return Array(sorted.prefix(limit))
    }
}
