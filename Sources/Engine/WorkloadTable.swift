internal import Accounting
internal import Names
internal import Snapshot
internal import Units
internal import Workloads

/// Every workload and what it used: the tree, its ledger, and the cgroups it is made of.
///
/// Crediting a workload credits everything above it too, so that the totals of a parent never fall when a child ends.
/// Indices of workloads are reused once their workload is no longer shown.
struct WorkloadTable {
    struct Workload {
        var id: String
        var identity: CgroupIdentity
        var cgroup: UInt64
        var parent: Int?
        /// Whether root made it, as far as that matters and can be told.
        var isRoots: Bool?
        /// Paths between its own and its parent's at which there is no workload yet.
        var awaited: [String] = []
        /// What is known of it beyond its path, by OpenTelemetry attribute name.
        var facts: [String: String] = [:]
        /// That, and what its path tells.
        var labels: [String: String] = [:]
        /// Roll-ups that it is part of besides its namespace.
        var groups: [Int] = []
        /// Dimensions of the roll-ups that have its past.
        var dimensions: Set<String> = []
        /// Never given to another workload, as its place in the table is.
        var serial: UInt64 = 0
        /// False for a place in the table that waits for its next workload.
        var isShown = true
        var children = 0
        /// Of a namespace, its pods that live.
        var liveCgroups = 0
        /// Those that live and those that were removed but may still be told of.
        var knownCgroups = 0
        /// Time at which the last cgroup went, s.
        var endedAt: Double?
        var account = Account()
        /// What the kernel counted, everything below included.
        var counters = UsageCounters()
        /// As last published, while that still holds.
        var view: Snapshot.Workload? {
            didSet { if view == nil { record = nil } }
        }
        /// As last saved, while that still holds.
        var record: [UInt8]?
    }

    /// One cgroup: part of a workload.
    struct Cgroup {
        var workload: Int
        var counters = UsageCounters()
        var isRemoved = false
    }

    var workloads: [Workload] = []
    var groups = RollUps()
    /// Those that came since the last call of ``takeFresh()``.
    private var fresh: [Int] = []
    /// Those that went since the last call of ``takeDeparted()``.
    private var departed: [NameKey] = []
    private var byNameKey: [NameKey: Int] = [:]
    private var free: [Int] = []
    private var nextSerial: UInt64 = 0
    var cgroups: [UInt64: Cgroup] = [:]
    var byKey: [String: Int] = [:]
    var byPath: [String: Int] = [:]
    /// Workloads by the paths that they await.
    var awaiting: [String: Set<Int>] = [:]
    /// Whether the directory in which a path lies is root's, so that nobody else can have made it; nil where that
    /// cannot be told.
    let isRoots: (String) -> Bool?
    /// CPU time of the window by workload index, without what lies below it, ns.
    private(set) var ownNanoseconds: [UInt64] = []
    /// The same with what else the kernel counted.
    private(set) var ownCounters: [UsageCounters] = []
    private let retention: Double
    private let retentionLimit: Int

    /// The workload that holds the past of those that are no longer shown.
    static let endedID = "ended"

    init(retention: Double, retentionLimit: Int, isRoots: @escaping (String) -> Bool? = { _ in nil }) {
        self.retention = retention
        self.retentionLimit = retentionLimit
        self.isRoots = isRoots
    }

    mutating func setView(_ view: Snapshot.Workload?, of index: Int) {
        workloads[index].view = view
    }

    func workload(ofCgroup id: UInt64) -> Int? { cgroups[id]?.workload }

    /// O(1), but for containers of whose id only the beginning is known.
    func workload(named key: NameKey) -> Int? {
        guard key.kind == .containerPrefix else { return byNameKey[key] }
        return workloads.firstIndex { $0.isShown && $0.identity.containerID?.hasPrefix(key.id) == true }
    }

    /// Workloads that nobody was asked the names of yet.
    mutating func takeFresh() -> [Int] {
        defer { fresh = [] }
        return fresh
    }

    /// Workloads whose names nobody will ask for again.
    mutating func takeDeparted() -> [NameKey] {
        defer { departed = [] }
        return departed
    }

    mutating func beginWindow() {
        for index in workloads.indices where !workloads[index].account.isQuiet {
            workloads[index].account.beginWindow()
            workloads[index].view = nil
        }
        groups.beginWindow()
        ownNanoseconds = Array(repeating: 0, count: workloads.count)
        ownCounters = Array(repeating: UsageCounters(), count: workloads.count)
    }

    // MARK: Cgroups come and go

    /// Learns a cgroup. Parents had better come before their children, but need not.
    mutating func add(cgroup id: UInt64, path: String, at now: Double = 0) {
        if let known = cgroups[id] {
            // It was used before anybody could tell its path.
            if workloads[known.workload].identity.path == Self.unknownPath(id) {
                rename(cgroup: id, path: path, at: now)
            }
            return
        }
        let identity = CgroupIdentity(cgroupPath: path)
        add(id, identity, isWhole: CgroupIdentity.normalize(path) == identity.path, at: now)
    }

    private static func unknownPath(_ id: UInt64) -> String { "/(unknown)/\(id)" }

    mutating func remove(cgroup id: UInt64, at now: Double) {
        guard let workload = cgroups[id]?.workload, cgroups[id]?.isRemoved == false else { return }
        cgroups[id]?.isRemoved = true
        workloads[workload].liveCgroups -= 1
        if workloads[workload].liveCgroups == 0 { end(workload, at: now) }
    }

    /// Lets go of a removed cgroup whose counters will not come any more; its workload keeps what it used.
    mutating func forget(cgroup id: UInt64) {
        guard let cgroup = cgroups[id], cgroup.isRemoved else { return }
        cgroups[id] = nil
        workloads[cgroup.workload].knownCgroups -= 1
    }

    /// Takes in the counters of a cgroup.
    ///
    /// - Parameter isBase: the first reading since the start: what was before is not counted.
    mutating func use(_ usage: AccountingSample.Usage, isBase: Bool) {
        if cgroups[usage.cgroup] == nil {
            // Its name is lost, its time is not.
            add(usage.cgroup, .plain(Self.unknownPath(usage.cgroup)), isWhole: true, at: 0)
        }
        guard var cgroup = cgroups[usage.cgroup], !cgroup.counters.isSame(as: usage.counters) else { return }
        // A counter that fell was deleted in the kernel after the removal and has begun anew.
        let hasFallen = usage.cpuNanoseconds < cgroup.counters.cpuNanoseconds
        var growth = hasFallen ? usage.counters : usage.counters - cgroup.counters
        growth.scaleEvents()
        cgroup.counters = usage.counters
        cgroups[usage.cgroup] = cgroup
        guard !isBase, !growth.isZero else { return }
        ownNanoseconds[cgroup.workload] = ownNanoseconds[cgroup.workload].saturatingPlus(growth.cpuNanoseconds)
        ownCounters[cgroup.workload] += growth
        upwards(from: cgroup.workload, counters: growth) { $0.run(growth.cpuNanoseconds, switches: growth.switches) }
    }

    /// Notes that a cgroup has another path now. What it is may be another thing then.
    mutating func rename(cgroup id: UInt64, path: String, at now: Double) {
        guard let cgroup = cgroups[id], !cgroup.isRemoved else { return }
        let identity = CgroupIdentity(cgroupPath: path)
        let workload = workloads[cgroup.workload]
        if identity.kind == .cgroup, workload.identity.kind == .cgroup, workload.cgroup == id {
            // Known by its number: the same under another name.
            if byPath[workload.identity.path] == cgroup.workload { byPath[workload.identity.path] = nil }
            workloads[cgroup.workload].identity = identity
            workloads[cgroup.workload].view = nil
            byPath[identity.path] = cgroup.workload
            settle(cgroup.workload)
            return
        }
        guard identity.key != workload.identity.key || identity.path != workload.identity.path else { return }
        workloads[cgroup.workload].liveCgroups -= 1
        workloads[cgroup.workload].knownCgroups -= 1
        if workloads[cgroup.workload].liveCgroups == 0 { end(cgroup.workload, at: now) }
        cgroups[id] = nil
        add(id, identity, isWhole: CgroupIdentity.normalize(path) == identity.path, at: now)
        cgroups[id]?.counters = cgroup.counters
    }

    /// - Parameter isWhole: the cgroup is the workload's own and not one that folds into it.
    mutating func add(_ id: UInt64, _ identity: CgroupIdentity, isWhole: Bool, at now: Double) {
        var identity = identity
        var key = identity.key ?? "cgroup:\(id)"
        if let known = byKey[key], workloads[known].identity.path != identity.path {
            // Whoever may make cgroups may name them after somebody else's container: it gets no part of that.
            if hasBetterClaim(identity, than: workloads[known]) {
                return displace(known, by: id, identity, isWhole, at: now)
            }
            identity = .plain(identity.path)
            key = "cgroup:\(id):\(identity.path)"
        }
        let index = byKey[key] ?? insert(identity, key: key, cgroup: id)
        cgroups[id] = Cgroup(workload: index)
        workloads[index].liveCgroups += 1
        workloads[index].knownCgroups += 1
        // A unit that was started again is the same workload in another cgroup.
        if workloads[index].endedAt != nil { resume(index) }
        if isWhole { workloads[index].cgroup = id }
        workloads[index].view = nil
    }

    /// - Parameter settles: false while the tree is put together as it was saved.
    mutating func insert(_ identity: CgroupIdentity, key: String, cgroup: UInt64, settles: Bool = true) -> Int {
        let parent = parent(of: identity)
        var workload = Workload(
            id: key, identity: identity, cgroup: cgroup, parent: parent, labels: identity.labels)
        if settles, identity.isKnownByID { workload.isRoots = isRoots(identity.path) }
        let index = place(workload)
        byKey[key] = index
        if !identity.path.isEmpty { byPath[identity.path] = index }
        if let parent { workloads[parent].children += 1 }
        if settles { settle(index) }
        if let key = NameKey(identity) {
            byNameKey[key] = index
            fresh.append(index)
        }
        return index
    }

    private mutating func place(_ workload: Workload) -> Int {
        var workload = workload
        workload.serial = nextSerial
        nextSerial += 1
        if let index = free.popLast() {
            workloads[index] = workload
            return index
        }
        workloads.append(workload)
        ownNanoseconds.append(0)
        ownCounters.append(UsageCounters())
        return workloads.count - 1
    }

    // MARK: Energy

    /// Gives a workload dynamic energy of the window.
    mutating func credit(_ energy: UInt64, to workload: Int, zone: Int) {
        guard energy > 0 else { return }
        upwards(from: workload) { $0.credit(energy, zone: zone) }
    }

    /// Gives a workload its part of the static energy of the window.
    mutating func creditStatic(_ energy: UInt64, to workload: Int, zone: Int) {
        guard energy > 0 else { return }
        upwards(from: workload) { $0.creditStatic(energy, zone: zone) }
    }

    /// Ends the window: turns its energy into emissions.
    mutating func endWindow(emissions: (Microjoules) -> Grams) {
        for index in workloads.indices {
            let energy = workloads[index].account.windowEnergy
            if energy > .zero { workloads[index].account.emissions += emissions(energy) }
        }
        groups.endWindow(emissions: emissions)
    }

    private mutating func upwards(
        from workload: Int, counters: UsageCounters? = nil, _ change: (inout Account) -> Void
    ) {
        var next: Int? = workload
        while let index = next {
            change(&workloads[index].account)
            if let counters { workloads[index].counters += counters }
            workloads[index].view = nil
            for group in workloads[index].groups { groups.change(group, change) }
            next = workloads[index].parent
        }
    }

    /// Lets go of workloads that ended long ago, or too many ago. Their energy stays with their parents or, where
    /// they had none, in the workload ``endedID``. True if there were any.
    mutating func retire(at now: Double) -> Bool {
        // Not while the kernel still tells of its cgroups: they would come back as strangers, with all their past.
        groups.retire(at: now, retention: retention)
        var candidates = workloads.indices.filter { index in
            workloads[index].endedAt != nil && workloads[index].children == 0 && workloads[index].knownCgroups == 0
        }
        candidates.sort { (workloads[$0].endedAt ?? 0, $0) < (workloads[$1].endedAt ?? 0, $1) }
        let surplus = candidates.count - retentionLimit
        for (rank, index) in candidates.enumerated() {
            guard let ended = workloads[index].endedAt, rank < surplus || now - ended >= retention else {
                return rank > 0
            }
            forget(index)
        }
        return !candidates.isEmpty
    }

    /// Nobody is to find a workload any more by what it is.
    mutating func unname(_ index: Int) {
        let workload = workloads[index]
        if byKey[workload.id] == index { byKey[workload.id] = nil }
        if let key = NameKey(workload.identity), byNameKey[key] == index {
            byNameKey[key] = nil
            departed.append(key)
        }
        if byPath[workload.identity.path] == index { byPath[workload.identity.path] = nil }
        stopAwaiting(index)
    }

    mutating func forget(_ index: Int) {
        let workload = workloads[index]
        if let parent = workload.parent {
            workloads[parent].children -= 1
        } else if workload.account != Account() {
            let heir = byKey[Self.endedID] ?? insertEnded()
            workloads[heir].account.inherit(workload.account)
            workloads[heir].counters += workload.counters
            workloads[heir].view = nil
        }
        for group in workload.groups { groups.leave(group) }
        unname(index)
        workloads[index].isShown = false
        workloads[index].account = Account()
        workloads[index].counters = UsageCounters()
        workloads[index].groups = []
        workloads[index].endedAt = nil
        free.append(index)
    }

    mutating func insertEnded() -> Int {
        var identity = CgroupIdentity(cgroupPath: "/")
        identity.name = "ended workloads"
        identity.path = ""
        let index = place(Workload(id: Self.endedID, identity: identity, cgroup: 0, parent: nil))
        byKey[Self.endedID] = index
        return index
    }
}
