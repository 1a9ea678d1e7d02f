internal import Snapshot

/// A snapshot about to be exported, with what several collectors need of it: computed once.
///
/// Workloads whose name may still come are left out, and their processes with them: under another name they would be other
/// series. Counters of a workload that has just come are zero; see ``MetricSelection/zeroTime``.
struct Exposition {
    /// A workload, aggregate or process name that has series, with the figures that all of them have: read once, and not
    /// again for every family.
    struct Row {
        /// In its list of the snapshot.
        let index: Int
        /// Of every series.
        let labels: AttributeSet
        /// What is kept of it from one snapshot to the next.
        let entry: AttributeCache.Entry
        let zones: NamedValues<Snapshot.ZoneEnergy>
        /// Whether it is charged for power that the node draws at rest. Its series are there from the beginning, also while
        /// they are zero.
        let hasStaticEnergy: Bool
        let powerWatts: Double?
        let emissionsGrams: Double?
        let cpuSeconds: Double
        /// Since when its counters count, Unix time, s; nil where that is since the agent's start.
        let since: Double?
        /// Whether its counters are zero because it has just come.
        let startsAtZero: Bool

        init(_ index: Int, _ user: some EnergyUser, _ entry: AttributeCache.Entry, startsAtZero: Bool) {
            self.index = index
            labels = entry.labels
            self.entry = entry
            self.startsAtZero = startsAtZero
            powerWatts = user.powerWatts
            since = user.since
            hasStaticEnergy = user.zones.values.contains { $0.staticMicrojoules > 0 }
            guard startsAtZero else {
                zones = user.zones
                emissionsGrams = user.emissionsGrams
                cpuSeconds = user.cpuSeconds
                return
            }
            let nothing = Snapshot.ZoneEnergy(dynamicMicrojoules: 0, staticMicrojoules: 0)
            zones = NamedValues(names: user.zones.names, values: user.zones.values.map { _ in nothing })
            emissionsGrams = user.emissionsGrams.map { _ in 0 }
            cpuSeconds = 0
        }
    }

    /// A workload with scheduling figures.
    struct Scheduled {
        let labels: AttributeSet
        let scheduling: Snapshot.Scheduling
        let since: Double?
    }

    let snapshot: Snapshot
    /// Names of the node's zones.
    let zones: [String]
    let parts: [Snapshot.Part]
    private var rowsByKind: [String: [Row]] = [:]
    private var scheduledByKind: [String: [Scheduled]] = [:]
    /// Process names with the most energy.
    private(set) var commands: [Row] = []
    /// nil where Kepler's metrics are not exported.
    var kepler: KeplerViews?

    /// - Parameter attributes: from the snapshot before; afterwards has what this one needs and nothing else.
    init(_ snapshot: Snapshot, _ selection: MetricSelection, _ attributes: AttributeCache) {
        self.snapshot = snapshot
        zones = snapshot.node.zones.map(\.name)
        parts = snapshot.parts
        attributes.begin(snapshot.node.name)
        let kinds = WorkloadKind.all.filter { selection.includes($0.level) }
        let byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
        let pods = snapshot.labelsOfPods
        let zeroTime = selection.zeroTime / .seconds(1)
        func isNew(_ user: some EnergyUser, _ entry: AttributeCache.Entry) -> Bool {
            entry.startsAtZero(age: user.since.map { snapshot.unixTime - $0 }, for: zeroTime)
        }
        for index in snapshot.workloads.indices {
            guard snapshot.workloads[index].isAwaitingName != true, let kind = byName[snapshot.workloads[index].kind]
            else { continue }
            let workload = snapshot.workloads[index]
            let pod = kind.name == "container" ? pods[of: workload] : [:]
            let entry = attributes.entry(of: workload, kind, pod: pod)
            let isNew = isNew(workload, entry)
            rowsByKind[kind.name, default: []].append(Row(index, workload, entry, startsAtZero: isNew))
            guard let scheduling = workload.scheduling else { continue }
            scheduledByKind[kind.name, default: []].append(
                Scheduled(
                    labels: entry.labels, scheduling: isNew ? scheduling.zeroed : scheduling, since: workload.since))
        }
        for (index, aggregate) in (snapshot.aggregates ?? []).enumerated() {
            guard let kind = byName[aggregate.kind] else { continue }
            let entry = attributes.entry(of: aggregate, kind)
            rowsByKind[kind.name, default: []].append(
                Row(index, aggregate, entry, startsAtZero: isNew(aggregate, entry)))
        }
        if selection.includes(.process) {
            let indices = snapshot.largestCommands(selection.processLimit)
            let workloads = snapshot.workloads(ids: Set(indices.map { snapshot.commands[$0].workloadId }))
            for index in indices {
                let command = snapshot.commands[index]
                let workload = workloads[command.workloadId]
                guard workload?.isAwaitingName != true else { continue }
                let pod = workload.map { pods[of: $0] } ?? [:]
                let entry = attributes.entry(of: command, in: workload, pod: pod)
                commands.append(Row(index, command, entry, startsAtZero: isNew(command, entry)))
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

    /// What is known of each pod, by its UID.
    fileprivate var labelsOfPods: [String: [String: String]] {
        var pods: [String: [String: String]] = [:]
        for index in workloads.indices where workloads[index].kind == "pod" {
            if let uid = workloads[index].labels["k8s.pod.uid"] { pods[uid] = workloads[index].labels }
        }
        return pods
    }

    fileprivate func workloads(ids: Set<String>) -> [String: Workload] {
        var found: [String: Workload] = [:]
        for index in workloads.indices where ids.contains(workloads[index].id) {
            found[workloads[index].id] = workloads[index]
        }
        return found
    }
}

extension Snapshot.Scheduling {
    /// The same figures, all of them zero.
    fileprivate var zeroed: Self {
        var zero = self
        (zero.voluntarySwitches, zero.involuntarySwitches, zero.waitSeconds) = (0, 0, 0)
        zero.waitCounts = waitCounts?.map { _ in 0 }
        zero.sharedCoreSeconds = sharedCoreSeconds.map { _ in 0 }
        zero.throttledSeconds = throttledSeconds.map { _ in 0 }
        zero.throttledPeriods = throttledPeriods.map { _ in 0 }
        zero.cpuSecondsByClass = cpuSecondsByClass.map {
            NamedValues(names: $0.names, values: $0.values.map { _ in 0 })
        }
        zero.events = events.map { NamedValues(names: $0.names, values: $0.values.map { _ in 0 }) }
        zero.pressureSeconds = pressureSeconds.map { NamedValues(names: $0.names, values: $0.values.map { _ in 0 }) }
        return zero
    }
}

extension [String: [String: String]] {
    /// What is known of the pod that a workload is inside of; empty where there is none.
    fileprivate subscript(of workload: Snapshot.Workload) -> [String: String] {
        workload.labels["k8s.pod.uid"].flatMap { self[$0] } ?? [:]
    }
}
