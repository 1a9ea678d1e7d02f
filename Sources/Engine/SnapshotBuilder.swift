internal import Accounting
internal import Ledger
internal import Linux
internal import Snapshot
internal import Units
internal import Workloads

/// What readers see of the ledger. Views that did not change since the last tick are kept: a tick costs what changed.
struct SnapshotBuilder {
    /// What of a tick the views need beside the ledger.
    struct Tick {
        /// s.
        var window: Double
        /// Names of the zones, by index.
        var zones: [String]
        /// What the kernel programs keep; nil without them.
        var kernel: KernelState?
        var files: CgroupFileReader
    }

    private var cachedWorkloads = ViewCache<Snapshot.Workload>()
    private var cachedProcesses = ViewCache<Snapshot.Process>()
    private var cachedCommands = ViewCache<Snapshot.Command>()
    private var cachedGroups = ViewCache<Snapshot.Aggregate>()
    /// That the views have.
    private var zones: [String]?

    var workloads: [Snapshot.Workload] { cachedWorkloads.views }
    var processes: [Snapshot.Process] { cachedProcesses.views }
    var commands: [Snapshot.Command] { cachedCommands.views }
    /// nil where there are none.
    var aggregates: [Snapshot.Aggregate]? { cachedGroups.views.isEmpty ? nil : cachedGroups.views }

    /// Brings the views up to date with what changed since ``Ledger/forgetChanges()``; all of them where zones did.
    mutating func update(_ ledger: Ledger, _ tick: Tick) {
        begin()
        defer { publish() }
        guard let zones, zones == tick.zones else { return rebuild(ledger, tick) }
        var tick = tick
        // The array that the views share, which compares at once.
        tick.zones = zones
        for id in ledger.retired { cachedWorkloads.remove(id.index) }
        for place in ledger.changes.places { update(place, ledger, ledger.changes[place], tick) }
        for place in ledger.processes.changes.places { updateProcess(place, ledger.processes[place], tick) }
        let commands = ledger.processes.commands
        for place in commands.changes.places { updateCommand(place, commands[place], tick) }
        for place in ledger.rollUps.changes.places { updateGroup(place, ledger.rollUps[place], tick) }
    }

    private mutating func begin() {
        cachedWorkloads.beginUpdate()
        cachedProcesses.beginUpdate()
        cachedCommands.beginUpdate()
        cachedGroups.beginUpdate()
    }

    private mutating func publish() {
        cachedWorkloads.publish()
        cachedProcesses.publish()
        cachedCommands.publish()
        cachedGroups.publish()
    }

    private mutating func rebuild(_ ledger: Ledger, _ tick: Tick) {
        self = SnapshotBuilder()
        zones = tick.zones
        for id in ledger.tree.ids { update(id.index, ledger, .description, tick) }
        for place in ledger.processes.places { updateProcess(place, ledger.processes[place], tick) }
        let commands = ledger.processes.commands
        for place in commands.places { updateCommand(place, commands[place], tick) }
        for place in ledger.rollUps.places { updateGroup(place, ledger.rollUps[place], tick) }
    }

    // MARK: Workloads

    private mutating func update(_ place: Int, _ ledger: Ledger, _ kind: ChangeSet.Kind, _ tick: Tick) {
        guard ledger.tree.isShown(place) else { return }
        if kind.contains(.description) || !cachedWorkloads.contains(place),
            let workload = ledger.tree[ledger.id(at: place)]
        {
            cachedWorkloads.set(view(of: ledger.id(at: place), workload, ledger), at: place)
        }
        let totals = ledger.totals(at: place)
        let isNested = ledger.tree.isNested(place)
        cachedWorkloads.update(place) { view in
            view.isNested = isNested ? true : nil
            view.since = totals.beginning
            view.cpuSeconds = totals.cpuSeconds
            view.cpuUsage = totals.cpuUsage(window: tick.window)
            view.powerWatts = totals.watts(window: tick.window)
            view.emissionsGrams = totals.emissions.value
            view.zones.update(names: tick.zones) { totals.energy(ofZone: $0) }
            guard let kernel = tick.kernel else {
                view.contextSwitches = nil
                view.scheduling = nil
                return
            }
            view.contextSwitches = totals.switches
            if case nil = view.scheduling { view.scheduling = Snapshot.Scheduling() }
            view.scheduling?.update(ledger.counters(at: place), kernel)
            view.scheduling?.update(tick.files.reading(of: ledger.id(at: place)))
        }
    }

    /// Without its figures.
    private func view(of id: WorkloadID, _ workload: Workload, _ ledger: Ledger) -> Snapshot.Workload {
        var view = Snapshot.Workload(
            id: workload.key, kind: workload.identity.kind.rawValue, name: workload.title.shortened(),
            cgroupPath: workload.identity.path.shortened(), cgroupId: workload.cgroup & ~CgroupTree.legacyBit,
            parentId: ledger.tree.parent(of: id).flatMap { ledger.tree[$0]?.key }, isAlive: workload.endedAt == nil,
            cpuSeconds: 0, cpuUsage: 0, contextSwitches: nil, powerWatts: nil, emissionsGrams: nil, zones: [:],
            labels: workload.attributes)
        view.isAwaitingName = workload.isAwaitingName ? true : nil
        return view
    }

    // MARK: Processes

    private mutating func updateProcess(_ place: Int, _ process: Processes.Process, _ tick: Tick) {
        guard process.isShown else { return cachedProcesses.remove(place) }
        let totals = process.totals
        let view = Snapshot.Process(
            pid: process.pid, comm: process.name, workloadId: process.workloadKey,
            cgroupId: process.cgroup & ~CgroupTree.legacyBit, cpuSeconds: totals.cpuSeconds,
            cpuUsage: totals.cpuUsage(window: tick.window), powerWatts: totals.watts(window: tick.window),
            emissionsGrams: totals.emissions.value, zones: totals.energyByZone(tick.zones))
        cachedProcesses.set(view, at: place)
    }

    private mutating func updateCommand(_ place: Int, _ command: Commands.Command, _ tick: Tick) {
        guard command.isShown else { return cachedCommands.remove(place) }
        let totals = command.totals
        var view = Snapshot.Command(
            comm: command.name, workloadId: command.workloadKey, cpuSeconds: totals.cpuSeconds,
            powerWatts: totals.watts(window: tick.window), emissionsGrams: totals.emissions.value,
            zones: totals.energyByZone(tick.zones))
        view.since = totals.beginning
        cachedCommands.set(view, at: place)
    }

    // MARK: Roll-ups

    private mutating func updateGroup(_ place: Int, _ group: RollUps.Group, _ tick: Tick) {
        guard group.isShown else { return cachedGroups.remove(place) }
        let isOwner = group.key.dimension == RollUps.Key.owner
        let names =
            isOwner
            ? ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"]
            : ["energyd.label.name", "energyd.label.value"]
        let totals = group.totals
        var view = Snapshot.Aggregate(
            kind: isOwner ? "owner" : "label", name: group.key.parts.joined(separator: "/"),
            pods: group.members, cpuSeconds: totals.cpuSeconds, cpuUsage: totals.cpuUsage(window: tick.window),
            contextSwitches: tick.kernel == nil ? nil : totals.switches,
            powerWatts: totals.watts(window: tick.window), emissionsGrams: totals.emissions.value,
            zones: totals.energyByZone(tick.zones),
            labels: Dictionary(uniqueKeysWithValues: zip(names, group.key.parts)))
        view.since = totals.beginning
        cachedGroups.set(view, at: place)
    }
}
