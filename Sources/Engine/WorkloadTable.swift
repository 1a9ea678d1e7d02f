internal import Energy
internal import Telemetry
internal import Workloads

/// Every workload and what it used: the tree, its ledger, and the cgroups it is made of.
///
/// Crediting a workload credits everything above it too, so that the totals of a parent never fall when a child ends.
/// Indices of workloads are reused once their workload is no longer shown.
struct WorkloadTable {
    struct Workload {
        let id: String
        var identity: CgroupIdentity
        var cgroup: UInt64
        let parent: Int?
        /// Never given to another workload, as its place in the table is.
        var serial: UInt64 = 0
        /// Reserved CPU, thousandths of a CPU; 0 where nothing is reserved or known.
        var reservedMillicores: UInt64 = 0
        /// False for a place in the table that waits for its next workload.
        var isShown = true
        var children = 0
        var liveCgroups = 0
        /// Those that live and those that were removed but may still be told of.
        var knownCgroups = 0
        /// Time at which the last cgroup went, s.
        var endedAt: Double?
        var account = Account()
        /// As last published, while that still holds.
        var view: Snapshot.Workload?
    }

    /// One cgroup: part of a workload.
    private struct Cgroup {
        let workload: Int
        var cpuNanoseconds: UInt64 = 0
        var switches: UInt64 = 0
        var isRemoved = false
    }

    private(set) var workloads: [Workload] = []
    private var free: [Int] = []
    private var nextSerial: UInt64 = 0
    private var cgroups: [UInt64: Cgroup] = [:]
    private var byKey: [String: Int] = [:]
    private var byPath: [String: Int] = [:]
    /// CPU time of the window by workload index, without what lies below it, ns.
    private(set) var ownNanoseconds: [UInt64] = []
    private let retention: Double
    private let retentionLimit: Int

    /// The workload that holds the past of those that are no longer shown.
    static let endedID = "ended"

    init(retention: Double, retentionLimit: Int) {
        self.retention = retention
        self.retentionLimit = retentionLimit
    }

    mutating func setView(_ view: Snapshot.Workload, of index: Int) {
        workloads[index].view = view
    }

    func workload(ofCgroup id: UInt64) -> Int? { cgroups[id]?.workload }

    mutating func beginWindow() {
        for index in workloads.indices where !workloads[index].account.isQuiet {
            workloads[index].account.beginWindow()
            workloads[index].view = nil
        }
        ownNanoseconds = Array(repeating: 0, count: workloads.count)
    }

    // MARK: Cgroups come and go

    /// Learns a cgroup; parents must come before their children.
    mutating func add(cgroup id: UInt64, path: String) {
        guard cgroups[id] == nil else { return }
        let identity = CgroupIdentity(cgroupPath: path)
        add(id, identity, isWhole: CgroupIdentity.normalize(path) == identity.path)
    }

    mutating func remove(cgroup id: UInt64, at now: Double) {
        guard let workload = cgroups[id]?.workload, cgroups[id]?.isRemoved == false else { return }
        cgroups[id]?.isRemoved = true
        workloads[workload].liveCgroups -= 1
        if workloads[workload].liveCgroups == 0 {
            workloads[workload].endedAt = now
            workloads[workload].view = nil
        }
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
    mutating func use(cgroup id: UInt64, cpuNanoseconds: UInt64, switches: UInt64, isBase: Bool) {
        if cgroups[id] == nil {
            // Its name is lost, its time is not.
            add(id, .plain("/(unknown)/\(id)"), isWhole: true)
        }
        guard var cgroup = cgroups[id] else { return }
        // A counter that fell was deleted in the kernel after the removal and has begun anew.
        let time = cpuNanoseconds - (cpuNanoseconds >= cgroup.cpuNanoseconds ? cgroup.cpuNanoseconds : 0)
        let count = switches - (switches >= cgroup.switches ? cgroup.switches : 0)
        cgroup.cpuNanoseconds = cpuNanoseconds
        cgroup.switches = switches
        cgroups[id] = cgroup
        guard !isBase, time > 0 || count > 0 else { return }
        ownNanoseconds[cgroup.workload] += time
        upwards(from: cgroup.workload) { $0.run(time, switches: count) }
    }

    /// - Parameter isWhole: the cgroup is the workload's own and not one that folds into it.
    private mutating func add(_ id: UInt64, _ identity: CgroupIdentity, isWhole: Bool) {
        var identity = identity
        var key = identity.key ?? "cgroup:\(id)"
        if let known = byKey[key], workloads[known].identity.path != identity.path {
            // Whoever may make cgroups may name them after somebody else's container: it gets no part of that.
            identity = .plain(identity.path)
            key = "cgroup:\(id):\(identity.path)"
        }
        let index = byKey[key] ?? insert(identity, key: key, cgroup: id)
        cgroups[id] = Cgroup(workload: index)
        workloads[index].liveCgroups += 1
        workloads[index].knownCgroups += 1
        // A unit that was started again is the same workload in another cgroup.
        workloads[index].endedAt = nil
        if isWhole { workloads[index].cgroup = id }
        workloads[index].view = nil
    }

    private mutating func insert(_ identity: CgroupIdentity, key: String, cgroup: UInt64) -> Int {
        let parent = parent(of: identity)
        let index = place(Workload(id: key, identity: identity, cgroup: cgroup, parent: parent))
        byKey[key] = index
        byPath[identity.path] = index
        if let parent { workloads[parent].children += 1 }
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
        return workloads.count - 1
    }

    /// A container belongs to its pod; a pod to nobody here, for its namespace cuts across the slices it lies in;
    /// everything else to the nearest workload above it. The root cgroup holds its own tasks only.
    private func parent(of identity: CgroupIdentity) -> Int? {
        if identity.kind == .pod { return nil }
        if let pod = identity.podPath, let index = byPath[pod] { return index }
        var path = identity.path[...]
        while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            path = path[..<slash]
            if let index = byPath[String(path)] { return index }
        }
        return nil
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

    /// What each workload did in the window, by index.
    func activities(into result: inout [WorkloadActivity]) {
        for index in workloads.indices {
            result.append(WorkloadActivity(id: workloads[index].serial, cpuNanoseconds: ownNanoseconds[index]))
        }
    }

    /// What each workload has to bear of static energy, by index; see ``ZoneAttributor``.
    func claims(_ policy: StaticPolicy) -> [UInt64] {
        workloads.map { workload in
            guard workload.isShown, workload.endedAt == nil, workload.id != Self.endedID else { return 0 }
            switch policy {
            case .none, .cpuTime: return 0
            case .equal: return workload.children == 0 ? 1 : 0
            case .requests: return workload.reservedMillicores
            }
        }
    }

    /// Ends the window: turns its energy into emissions.
    mutating func endWindow(emissions: (Microjoules) -> Grams) {
        for index in workloads.indices {
            let energy = workloads[index].account.windowEnergy
            if energy > .zero { workloads[index].account.emissions += emissions(energy) }
        }
    }

    private mutating func upwards(from workload: Int, _ change: (inout Account) -> Void) {
        var next: Int? = workload
        while let index = next {
            change(&workloads[index].account)
            workloads[index].view = nil
            next = workloads[index].parent
        }
    }

    /// Lets go of workloads that ended long ago, or too many ago. Their energy stays with their parents or, where
    /// they had none, in the workload ``endedID``. True if there were any.
    mutating func retire(at now: Double) -> Bool {
        // Not while the kernel still tells of its cgroups: they would come back as strangers, with all their past.
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

    private mutating func forget(_ index: Int) {
        let workload = workloads[index]
        if let parent = workload.parent {
            workloads[parent].children -= 1
        } else {
            let heir = byKey[Self.endedID] ?? insertEnded()
            workloads[heir].account.inherit(workload.account)
            workloads[heir].view = nil
        }
        byKey[workload.id] = nil
        if byPath[workload.identity.path] == index { byPath[workload.identity.path] = nil }
        workloads[index].isShown = false
        workloads[index].account = Account()
        workloads[index].endedAt = nil
        free.append(index)
    }

    private mutating func insertEnded() -> Int {
        var identity = CgroupIdentity(cgroupPath: "/")
        identity.name = "ended workloads"
        identity.path = ""
        let index = place(Workload(id: Self.endedID, identity: identity, cgroup: 0, parent: nil))
        byKey[Self.endedID] = index
        return index
    }
}
