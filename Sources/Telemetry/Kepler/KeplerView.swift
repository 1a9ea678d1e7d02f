internal import Snapshot

/// What a snapshot has for one generation of Kepler's metrics: computed once, and not again for every family.
struct KeplerView {
    /// One of Kepler's zones of the node.
    struct Part {
        let zone: KeplerZones.Zone
        /// uJ.
        var all: UInt64 = 0
        /// Of that, what the node draws at rest, attributed or not.
        var idle: UInt64 = 0
        /// nil while it is not known.
        var watts: Double? = 0
        var idleWatts = 0.0

        var active: UInt64 { all - min(idle, all) }
    }

    /// A workload or process.
    struct User {
        /// Without zone and mode.
        let labels: AttributeSet
        /// Those of its CPU time.
        let timeLabels: AttributeSet
        var cpuSeconds: Double
        /// Since when its counters count, Unix time, s; nil where that is since the agent's start.
        var since: Double?
        /// In the order of the node's zones.
        var amounts: [Snapshot.ZoneEnergy]
        /// Dynamic power by Kepler's zones, W; nil while it is not known.
        var watts: [Double]?
    }

    /// The labels of both generations.
    struct Labels {
        let container: (Snapshot.Workload) -> [String]
        let pod: (Snapshot.Workload) -> [String]
        let vm: (Snapshot.Workload) -> [String]
        let process: (KeplerProcess) -> (all: [String], ofTime: [String])
        let names: [String: [String]]
        let namesOfTime: [String]
    }

    private(set) var zones: KeplerZones
    private(set) var parts: [Part] = []
    /// The same, one for each component.
    private(set) var componentParts: [Part] = []
    private(set) var users: [String: [User]] = [:]

    init(_ exposition: Exposition, zones: KeplerZones, labels: Labels, processLimit: Int?) {
        self.zones = zones
        let snapshot = exposition.snapshot
        addParts(snapshot)
        let kinds = [("container", labels.container), ("pod", labels.pod), ("vm", labels.vm)]
        for (kind, values) in kinds where labels.names[kind] != nil {
            users[kind] = exposition.rows(kind).compactMap { row in
                let workload = snapshot.workloads[row.index]
                // Its figures are part of another's, and Kepler has no label that would say so.
                guard workload.isNested != true else { return nil }
                let set = AttributeSet(names: labels.names[kind] ?? [], values: values(workload))
                return User(
                    labels: set, timeLabels: set, cpuSeconds: row.cpuSeconds, since: row.since,
                    amounts: self.zones.amounts(row.zones), watts: watts(workload.powerWatts, workload.zones))
            }
        }
        guard let processLimit else { return }
        users["process"] = KeplerProcess.largest(snapshot, processLimit).map { process in
            let values = labels.process(process)
            return User(
                labels: AttributeSet(names: labels.names["process"] ?? [], values: values.all),
                timeLabels: AttributeSet(names: labels.namesOfTime, values: values.ofTime),
                cpuSeconds: process.cpuSeconds, since: nil, amounts: self.zones.amounts(process.zones),
                watts: watts(process.powerWatts, process.zones))
        }
    }

    private mutating func addParts(_ snapshot: Snapshot) {
        let node = snapshot.node
        var statics = node.zones.map { node.idle.zones[$0.name] ?? 0 }
        for workload in snapshot.workloads where workload.parentId == nil {
            for (index, amount) in zones.amounts(workload.zones).enumerated() {
                statics[index] += amount.staticMicrojoules
            }
        }
        func part(_ zone: KeplerZones.Zone) -> Part {
            var part = Part(zone: zone)
            for place in zone.places {
                part.all += node.zones[place].energyMicrojoules
                part.idle += statics[place]
                part.watts = part.watts.flatMap { sum in node.zones[place].powerWatts.map { sum + $0 } }
                part.idleWatts += node.zones[place].staticWatts
            }
            return part
        }
        parts = zones.all.map(part)
        componentParts = zones.components.map(part)
    }

    /// Of a workload's power only the sum is known: it is divided as its energy was.
    private mutating func watts(_ watts: Double?, _ amounts: NamedValues<Snapshot.ZoneEnergy>) -> [Double]? {
        guard let watts else { return nil }
        let amounts = zones.amounts(amounts)
        let sum = amounts.reduce(0.0) { $0 + Double($1.dynamicMicrojoules) + Double($1.staticMicrojoules) }
        return zones.all.map { zone in
            sum > 0 ? watts * (Double(zone.sum(amounts, \.dynamicMicrojoules)) / sum) : 0
        }
    }
}

/// Both generations, where they are exported.
struct KeplerViews {
    var current: KeplerView?
    var legacy: KeplerView?

    init(_ exposition: Exposition, _ selection: MetricSelection) {
        let node = exposition.snapshot.node
        let limit = selection.includes(.process) ? selection.processLimit : nil
        if selection.kepler.hasCurrent {
            // Kepler's `psys` is that of the processor; what enters the node is another metric.
            let zones = KeplerZones(node, rest: nil, whole: node.meter?.isInlet == false ? "psys" : nil)
            current = KeplerView(
                exposition, zones: zones, labels: KeplerMetrics.currentLabels(node.name), processLimit: limit)
        }
        if selection.kepler.hasLegacy {
            let zones = KeplerZones(node, rest: "other", whole: "platform")
            legacy = KeplerView(exposition, zones: zones, labels: KeplerMetrics.legacyLabels, processLimit: limit)
        }
    }
}
