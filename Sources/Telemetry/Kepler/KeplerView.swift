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
        let cpuSeconds: Double
        /// As in ``MetricEncoder/setStart(_:)``.
        let since: Double?
        /// As in ``Exposition/Row``.
        let hasStaticEnergy: Bool
        let amounts: KeplerZones.Amounts
        /// Dynamic power by Kepler's zones, W; nil while it is not known.
        let watts: [Double]?
    }

    /// Values of the labels of one generation.
    struct Labels {
        let generation: KeplerGeneration
        let container: (Snapshot.Workload) -> [String]
        let pod: (Snapshot.Workload) -> [String]
        let vm: (Snapshot.Workload) -> [String]
        let process: (KeplerProcesses.Process) -> (all: [String], ofTime: [String])
        let names: [String: [String]]
        let namesOfTime: [String]
    }

    private(set) var zones: KeplerZones
    /// By Kepler's zones.
    let parts: [Part]
    /// The same, one for each component.
    let componentParts: [Part]
    private(set) var users: [String: [User]] = [:]

    /// - Parameters:
    ///   - idle: what the node drew at rest, by zone of ours, uJ.
    ///   - processes: those that are shown.
    init(
        _ exposition: Exposition, zones: KeplerZones, idle: [UInt64], labels: Labels,
        processes: [KeplerProcesses.Process]
    ) {
        self.zones = zones
        let node = exposition.snapshot.node
        func part(_ zone: KeplerZones.Zone) -> Part {
            var part = Part(zone: zone)
            for place in zone.places {
                part.all += node.zones[place].energyMicrojoules
                part.idle += idle[place]
                part.watts = part.watts.flatMap { sum in node.zones[place].powerWatts.map { sum + $0 } }
                part.idleWatts += node.zones[place].staticWatts
            }
            return part
        }
        parts = zones.all.map(part)
        componentParts = zones.components.map(part)
        for (kind, values) in [("container", labels.container), ("pod", labels.pod), ("vm", labels.vm)]
        where labels.names[kind] != nil {
            users[kind] = exposition.rows(kind).compactMap { user(kind, $0, exposition.snapshot, labels, values) }
        }
        users["process"] = processes.map { process in
            let sets =
                process.labels[labels.generation]
                ?? {
                    let values = labels.process(process)
                    return KeplerLabels.Sets(
                        all: AttributeSet(names: labels.names["process"] ?? [], values: values.all),
                        ofTime: AttributeSet(names: labels.namesOfTime, values: values.ofTime), isAlive: true)
                }()
            process.labels[labels.generation] = sets
            let amounts = self.zones.amounts(process.zones)
            return User(
                labels: sets.all, timeLabels: sets.ofTime, cpuSeconds: process.cpuSeconds, since: .unknown,
                hasStaticEnergy: amounts.all.staticMicrojoules > 0, amounts: amounts,
                watts: amounts.divide(process.powerWatts))
        }
    }

    /// nil for what is inside another of its kind: its figures are part of that one's, and Kepler has no label that
    /// would say so.
    private mutating func user(
        _ kind: String, _ row: Exposition.Row, _ snapshot: Snapshot, _ labels: Labels,
        _ values: (Snapshot.Workload) -> [String]
    ) -> User? {
        guard snapshot.workloads[row.index].isNested != true else { return nil }
        let isAlive = snapshot.workloads[row.index].isAlive
        let sets: KeplerLabels.Sets
        if let known = row.entry.kepler[labels.generation], known.isAlive == isAlive {
            sets = known
        } else {
            let set = AttributeSet(names: labels.names[kind] ?? [], values: values(snapshot.workloads[row.index]))
            sets = KeplerLabels.Sets(all: set, ofTime: set, isAlive: isAlive)
            row.entry.kepler[labels.generation] = sets
        }
        // A counter that begins at zero says nothing about the power.
        let amounts = zones.amounts(snapshot.workloads[row.index].zones)
        return User(
            labels: sets.all, timeLabels: sets.ofTime, cpuSeconds: row.cpuSeconds, since: row.since,
            hasStaticEnergy: row.hasStaticEnergy, amounts: row.startsAtZero ? zones.amounts(row.zones) : amounts,
            watts: amounts.divide(row.powerWatts))
    }
}

/// Both generations, where they are exported.
struct KeplerViews {
    var current: KeplerView?
    var legacy: KeplerView?

    /// - Parameter processes: from the snapshot before.
    init(_ exposition: Exposition, _ selection: MetricSelection, _ processes: KeplerProcesses) {
        let node = exposition.snapshot.node
        let idle = exposition.snapshot.energyAtRest
        var shown: [KeplerProcesses.Process] = []
        if selection.includes(.process) {
            processes.update(exposition.snapshot)
            shown = processes.largest(selection.processLimit)
        }
        if selection.kepler.hasCurrent {
            // Kepler's `psys` is that of the processor; what enters the node is another metric.
            let zones = KeplerZones(node, rest: nil, whole: node.meter?.isInlet == false ? "psys" : nil)
            current = KeplerView(
                exposition, zones: zones, idle: idle, labels: KeplerMetrics.currentLabels(node.name), processes: shown)
        }
        if selection.kepler.hasLegacy {
            let zones = KeplerZones(node, rest: "other", whole: "platform")
            legacy = KeplerView(
                exposition, zones: zones, idle: idle, labels: KeplerMetrics.legacyLabels, processes: shown)
        }
    }
}

extension Snapshot {
    /// What each of the node's zones drew at rest, whatever is charged for it, uJ. Linear in the number of workloads.
    fileprivate var energyAtRest: [UInt64] {
        let names = node.zones.map(\.name)
        var sums = names.map { name in
            (node.idle.zones[name] ?? 0) + (node.system.staticZones?[name] ?? 0)
                + (node.unattributed.staticZones?[name] ?? 0)
        }
        var order = NameOrder(names)
        for index in workloads.indices where workloads[index].parentId == nil {
            for (zone, place) in order.places(in: workloads[index].zones.names).enumerated() {
                if let place { sums[zone] += workloads[index].zones.values[place].staticMicrojoules }
            }
        }
        return sums
    }
}
