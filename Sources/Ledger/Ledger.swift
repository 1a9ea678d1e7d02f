package import Accounting
package import Impact
internal import Units
package import Workloads

/// Every workload and what it used: the tree, its totals, sums across the tree, and what ended.
///
/// A window is opened by ``beginWindow()``; cgroups appear, run and disappear; the window's energy is divided zone by
/// zone (``usage(hasClasses:hasEvents:policy:into:weights:)``, ``credit(dynamic:static:zone:)``); ``endWindow(_:)`` then
/// credits each workload that was active, and everything above it, in one walk upwards. So the totals of a parent never
/// fall when a child ends. What was not active costs nothing.
package struct Ledger {
    package internal(set) var tree: WorkloadTree
    package internal(set) var rollUps = RollUps()
    package internal(set) var processes = Processes()
    /// The machine as a whole, and what of it is no workload's.
    package var node = NodeTotals()
    /// Workloads by place that changed since the last ``forgetChanges()``.
    package internal(set) var changes = ChangeSet()
    /// Workloads that are no longer shown since then.
    package internal(set) var retired: [WorkloadID] = []
    /// Unix time of the present window's beginning, s; 0 before the first: what comes now counts since then.
    package var time = 0.0 {
        didSet { (rollUps.time, processes.commands.time) = (time, time) }
    }
    /// Identities that appeared or can no longer be looked up since the last ``takeIdentityChanges()``.
    var identityChanges: [IdentityChange] = []

    /// By place in the tree.
    var totals: [Totals] = []
    /// By place in the tree, everything below included.
    var counters: [UsageCounters] = []
    /// As last read, by ``WorkloadTree/Cgroup/slot``.
    private var readings: [UsageCounters] = []
    var retention: Retention
    private let retentionTime: Double
    var window = Window()
    /// Workloads by place that were credited in the present window.
    private var active = ChangeSet()
    private var amounts: [UInt64] = []

    /// An identity for which names are looked up from now on, or no longer.
    package enum IdentityChange: Sendable, Equatable {
        case appeared(WorkloadID)
        case released(WorkloadID, CgroupIdentity)
    }

    /// - Parameters:
    ///   - retention: for how long workloads that ended are kept, s.
    ///   - retentionLimit: how many of them are kept at most.
    ///   - workloadLimit: how many cgroups get a workload of their own; see ``Room``.
    ///   - groundOf: where on a cgroup's path the directories of a user begin; nil where it is root's throughout.
    ///   - isShared: whether others than its owner may make directories in one, so that the ground of what lies right in it
    ///     depends on each.
    package init(
        retention: Double, retentionLimit: Int, workloadLimit: Int = .max,
        groundOf: @escaping (String) -> UserGround? = { _ in nil },
        isShared: @escaping (String) -> Bool = { _ in false }
    ) {
        tree = WorkloadTree(limit: workloadLimit, groundOf: groundOf, isShared: isShared)
        self.retention = Retention(duration: retention, limit: retentionLimit)
        retentionTime = retention
    }

    // MARK: Look-ups, O(1)

    /// Of the workload at a place.
    package func totals(at place: Int) -> Totals { totals[place] }

    /// Of the workload at a place.
    package func counters(at place: Int) -> UsageCounters { counters[place] }

    package func totals(of id: WorkloadID) -> Totals { tree[id] == nil ? Totals() : totals[id.index] }

    /// What the kernel counted for a workload, everything below it included.
    package func counters(of id: WorkloadID) -> UsageCounters {
        tree[id] == nil ? UsageCounters() : counters[id.index]
    }

    package func id(at place: Int) -> WorkloadID { tree.id(at: place) }

    mutating func clearReading(_ slot: Int) {
        if slot < readings.count { readings[slot] = UsageCounters() }
    }

    // MARK: Windows

    /// Opens a window. O(what was active in the last one).
    package mutating func beginWindow() {
        for place in active.places {
            totals[place].beginWindow()
            if tree.places[place].isShown { changes.insert(place, .rates) }
        }
        active.removeAll()
        window.removeAll()
        rollUps.beginWindow()
        node.beginWindow()
        tree.grounds.forget()
    }

    /// Takes in the counters of a cgroup as read.
    ///
    /// - Parameter isBase: the first reading since the start: what was before is not counted.
    package mutating func use(_ usage: AccountingSample.Usage, isBase: Bool) {
        guard let cgroup = tree.cgroups[usage.cgroup] ?? addUnknown(cgroup: usage.cgroup) else { return }
        while readings.count <= cgroup.slot { readings.append(UsageCounters()) }
        guard !readings[cgroup.slot].isSame(as: usage.counters) else { return }
        // A counter that fell was deleted in the kernel after the removal and has begun anew.
        let hasFallen = usage.cpuNanoseconds < readings[cgroup.slot].cpuNanoseconds
        var growth = hasFallen ? usage.counters : usage.counters - readings[cgroup.slot]
        growth.scaleEvents()
        readings[cgroup.slot] = usage.counters
        guard !isBase, !growth.isZero else { return }
        window.add(growth, toPlace: cgroup.workload)
    }

    private mutating func addUnknown(cgroup id: UInt64) -> WorkloadTree.Cgroup? {
        tree.addUnknown(cgroup: id)
        applyTreeChanges()
        return tree.cgroups[id]
    }

    /// CPU time of the window by all workloads together, ns. O(active workloads).
    package var usedNanoseconds: UInt64 { window.rows.reduce(0) { $0.saturatingPlus($1.cpuNanoseconds) } }

    /// Hands out energy of one zone, uJ, in the order of ``usage(hasClasses:hasEvents:policy:into:weights:)``. The arrays
    /// are kept; others of no useful content come back in their place.
    package mutating func credit(dynamic: inout [UInt64], static staticShares: inout [UInt64], zone: Int) {
        window.setEnergy(dynamic: &dynamic, static: &staticShares, zone: zone)
    }

    /// Credits what the window's workloads used to them and to everything above them, and turns energy into
    /// emissions. O(active workloads x depth).
    package mutating func endWindow(_ rates: Rates) {
        amounts.removeAll(keepingCapacity: true)
        amounts.append(contentsOf: repeatElement(0, count: 2 * window.zoneCount))
        processes.credit(window, in: tree)
        for row in window.rows.indices { credit(row) }
        for place in active.places { totals[place].endWindow(rates) }
        rollUps.endWindow(rates)
        processes.endWindow(rates)
        node.endWindow(rates)
    }

    private mutating func credit(_ row: Int) {
        let sum = window.energy(ofRow: row, into: &amounts)
        let nanoseconds = window.rows[row].cpuNanoseconds
        let switches = window.rows[row].counters.switches
        let hasRun = nanoseconds > 0 || switches > 0
        guard sum > 0 || hasRun else { return }
        var next: Int? = window.rows[row].place
        while let place = next {
            active.insert(place, .totals)
            changes.insert(place, .totals)
            totals[place].run(nanoseconds, switches: switches)
            totals[place].credit(amounts, sum: sum)
            if hasRun { counters[place] += window.rows[row].counters }
            for group in rollUps.groups(of: place) {
                rollUps.change(group) {
                    $0.run(nanoseconds, switches: switches)
                    $0.credit(amounts, sum: sum)
                }
            }
            next = tree.places[place].parent
        }
    }

    /// Takes in the tick's reports of processes, after what their cgroups used.
    package mutating func update(_ reports: [AccountingSample.ProcessUsage], isBase: Bool) {
        processes.update(reports, in: tree, isBase: isBase)
    }

    // MARK: Ends

    /// Folds workloads that ended long ago, or too many ago, into their parents, which have their past already, or,
    /// where they have none, into the workload ``WorkloadTree/endedKey``. O(those workloads).
    package mutating func retire(at now: Double) {
        rollUps.retire(at: now, retention: retentionTime)
        while let place = retention.due(at: now) { retire(place) }
        if !retired.isEmpty { processes.retire(keeping: tree) }
        if let moves = tree.compact() {
            var kept = [UsageCounters](repeating: UsageCounters(), count: moves.count)
            for (new, old) in moves.enumerated() where old < readings.count { kept[new] = readings[old] }
            readings = kept
        }
    }

    mutating func retire(_ place: Int) {
        if tree.places[place].parent == nil, !totals[place].isZero {
            let heir = tree.endedPlace()
            applyTreeChanges()
            inherit(from: place, by: heir)
        }
        rollUps.removeMember(place)
        retired.append(tree.id(at: place))
        tree.vacate(place)
        totals[place] = Totals()
        counters[place] = UsageCounters()
        applyTreeChanges()
    }

    mutating func inherit(from place: Int, by heir: Int) {
        totals[heir].inherit(totals[place])
        counters[heir] += counters[place]
        changes.insert(heir, .totals)
        for group in rollUps.groups(of: heir) {
            let past = totals[place]
            rollUps.change(group) { $0.inherit(past) }
        }
    }

    /// What changed has been written and shown.
    package mutating func forgetChanges() {
        changes.removeAll()
        rollUps.forgetChanges()
        processes.forgetChanges()
        retired.removeAll(keepingCapacity: true)
    }
}
