internal import Linux
internal import Workloads

/// Which workloads there are, how they lie in each other, and which cgroups they are made of.
///
/// Cgroups may appear in any order: the tree is the same in the end. A workload waits for the paths above it at which
/// there is none yet; one that appears there takes over those below it.
///
/// The tree knows nothing of what workloads used: every operation leaves a list of ``TreeChange`` for the ledger.
package struct WorkloadTree {
    /// One cgroup: part of a workload.
    struct Cgroup: Equatable {
        var workload: Int
        /// A number below the count of all cgroups there ever were at once, for lists beside the tree.
        var slot: Int
        var isRemoved = false
    }

    var places: [Workload] = []
    var cgroups: [UInt64: Cgroup] = [:]
    var byKey: [String: Int] = [:]
    var byPath: [String: Int] = [:]
    /// Workloads by the paths that they await.
    var awaiting: [String: Set<Int>] = [:]
    var changes: [TreeChange] = []
    /// Raised when a cgroup becomes part of another workload than before.
    private(set) var regroupings = 0
    private var freePlaces: [Int] = []
    private var freeSlots: [Int] = []
    private var slotCount = 0
    var displacements = 0

    /// Where on a path the directories of a user begin; nil where it is root's throughout.
    let groundOf: (String) -> UserGround?

    /// The workload that holds the past of those that are no longer shown.
    package static let endedKey = "ended"

    init(groundOf: @escaping (String) -> UserGround? = { _ in nil }) {
        self.groundOf = groundOf
    }

    // MARK: Look-ups, O(1)

    /// The workload, unless it is no longer shown.
    package subscript(id: WorkloadID) -> Workload? {
        guard id.index < places.count, places[id.index].generation == id.generation, places[id.index].isShown else {
            return nil
        }
        return places[id.index]
    }

    package func id(ofKey key: String) -> WorkloadID? { byKey[key].map(id(at:)) }

    package func id(ofCgroup cgroup: UInt64) -> WorkloadID? { cgroups[cgroup].map { id(at: $0.workload) } }

    package func parent(of id: WorkloadID) -> WorkloadID? { self[id]?.parent.map(self.id(at:)) }

    /// Workloads right below another. O(workloads).
    package func children(of id: WorkloadID) -> [WorkloadID] {
        guard let count = self[id]?.childCount, count > 0 else { return [] }
        return places.indices.filter { places[$0].isShown && places[$0].parent == id.index }.map(self.id(at:))
    }

    /// False for a place that waits for its next workload.
    package func isShown(_ place: Int) -> Bool { places[place].isShown }

    func id(at place: Int) -> WorkloadID { WorkloadID(index: place, generation: places[place].generation) }

    /// Every workload that is shown. O(workloads).
    package var ids: some Sequence<WorkloadID> {
        places.indices.lazy.filter { places[$0].isShown }.map { id(at: $0) }
    }

    /// Places that there are, those included that are free.
    package var capacity: Int { places.count }

    /// True where a workload above it is of its kind. O(depth).
    package func isNested(_ place: Int) -> Bool {
        let kind = places[place].identity.kind
        var next = places[place].parent
        while let above = next {
            if places[above].identity.kind == kind { return true }
            next = places[above].parent
        }
        return false
    }

    // MARK: Cgroups appear and disappear

    /// Adds a cgroup. Parents had better come before their children, but need not.
    mutating func add(cgroup id: UInt64, path: String, at now: Double = 0) {
        if let known = cgroups[id] {
            // It was used before its path was known.
            if places[known.workload].identity.path == Self.unknownPath(id) { rename(cgroup: id, path: path, at: now) }
            return
        }
        let identity = identity(ofPath: path)
        add(id, identity, isWhole: CgroupIdentity.normalize(path) == identity.path, at: now)
    }

    /// Adds a cgroup whose path is not known: its name is lost, its time is not.
    mutating func addUnknown(cgroup id: UInt64) {
        add(id, .plain(Self.unknownPath(id)), isWhole: true, at: 0)
    }

    private static func unknownPath(_ id: UInt64) -> String { "/(unknown)/\(id)" }

    /// Notes that a cgroup was removed. Its workload ends with its last cgroup.
    mutating func remove(cgroup id: UInt64, at now: Double) {
        guard let workload = cgroups[id]?.workload, cgroups[id]?.isRemoved == false else { return }
        cgroups[id]?.isRemoved = true
        places[workload].liveCgroups -= 1
        if places[workload].liveCgroups == 0 { end(workload, at: now) }
    }

    /// Drops a removed cgroup whose counters will not come any more; returns the slot that it had.
    mutating func forget(cgroup id: UInt64) -> Int? {
        guard let cgroup = cgroups[id], cgroup.isRemoved else { return nil }
        cgroups[id] = nil
        freeSlots.append(cgroup.slot)
        places[cgroup.workload].knownCgroups -= 1
        changes.append(.retirableChanged(cgroup.workload))
        return cgroup.slot
    }

    /// Notes that a cgroup has another path now, and so may be part of another workload.
    mutating func rename(cgroup id: UInt64, path: String, at now: Double) {
        guard let cgroup = cgroups[id], !cgroup.isRemoved else { return }
        let identity = identity(ofPath: path)
        let workload = places[cgroup.workload]
        if identity.kind == .cgroup, workload.identity.kind == .cgroup, workload.cgroup == id {
            // Known by its number: the same under another name.
            if byPath[workload.identity.path] == cgroup.workload { byPath[workload.identity.path] = nil }
            places[cgroup.workload].identity = identity
            changes.append(.altered(cgroup.workload))
            byPath[identity.path] = cgroup.workload
            attach(cgroup.workload)
            return
        }
        guard identity.key != workload.identity.key || identity.path != workload.identity.path else { return }
        places[cgroup.workload].liveCgroups -= 1
        places[cgroup.workload].knownCgroups -= 1
        if places[cgroup.workload].liveCgroups == 0 { end(cgroup.workload, at: now) }
        changes.append(.retirableChanged(cgroup.workload))
        cgroups[id] = nil
        add(id, identity, isWhole: CgroupIdentity.normalize(path) == identity.path, slot: cgroup.slot, at: now)
    }

    /// - Parameters:
    ///   - isWhole: the cgroup is the workload's own and not one that folds into it.
    ///   - slot: that the cgroup had before; nil for a new one.
    mutating func add(_ id: UInt64, _ identity: CgroupIdentity, isWhole: Bool, slot: Int? = nil, at now: Double) {
        var identity = identity
        var key = identity.key ?? "cgroup:\(id)"
        if let known = byKey[key], places[known].identity.path != identity.path {
            // Any user who may make cgroups may name them after another user's container, and gets no part of that.
            if hasBetterClaim(identity, than: places[known]) {
                return displace(known, by: id, identity, isWhole, slot: slot, at: now)
            }
            identity = .plain(identity.path)
            key = "cgroup:\(id):\(identity.path)"
        }
        let place = byKey[key] ?? insert(identity, key: key, cgroup: id)
        if slot != nil { regroupings += 1 }
        cgroups[id] = Cgroup(workload: place, slot: slot ?? takeSlot())
        places[place].liveCgroups += 1
        places[place].knownCgroups += 1
        // A unit that was started again is the same workload in another cgroup.
        if places[place].endedAt != nil { resume(place) }
        if isWhole { places[place].cgroup = id }
        changes.append(.altered(place))
        changes.append(.retirableChanged(place))
    }

    private mutating func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return slot }
        slotCount += 1
        return slotCount - 1
    }

    // MARK: Places

    /// - Parameter attaches: false while a saved tree is being restored.
    mutating func insert(_ identity: CgroupIdentity, key: String, cgroup: UInt64, attaches: Bool = true) -> Int {
        let parent = parent(of: identity)
        var workload = Workload(key: key, identity: identity, cgroup: cgroup)
        workload.parent = parent
        let place = occupy(with: workload)
        byKey[key] = place
        if !identity.path.isEmpty { byPath[identity.path] = place }
        if let parent { addChild(to: parent) }
        changes.append(.added(place))
        if attaches { attach(place) }
        return place
    }

    private mutating func occupy(with workload: Workload) -> Int {
        guard let place = freePlaces.popLast() else {
            places.append(workload)
            return places.count - 1
        }
        let generation = places[place].generation + 1
        places[place] = workload
        places[place].generation = generation
        return place
    }

    /// Frees the place of a workload that has nothing below it.
    mutating func vacate(_ place: Int) {
        if let parent = places[place].parent { removeChild(from: parent) }
        releaseIdentity(of: place)
        let generation = places[place].generation
        places[place] = Workload(key: "", identity: .plain(""), cgroup: 0)
        places[place].generation = generation
        places[place].isShown = false
        changes.append(.retirableChanged(place))
        freePlaces.append(place)
    }

    /// The workload cannot be looked up any more by what it is.
    mutating func releaseIdentity(of place: Int) {
        let workload = places[place]
        if byKey[workload.key] == place { byKey[workload.key] = nil }
        if byPath[workload.identity.path] == place { byPath[workload.identity.path] = nil }
        stopAwaiting(place)
        changes.append(.identityReleased(id(at: place), workload.identity))
    }

    mutating func addChild(to place: Int) {
        places[place].childCount += 1
        changes.append(.retirableChanged(place))
    }

    mutating func removeChild(from place: Int) {
        places[place].childCount -= 1
        changes.append(.retirableChanged(place))
    }

    /// The workload that holds the past of those that are no longer shown; made where it is not there yet.
    mutating func endedPlace() -> Int {
        if let place = byKey[Self.endedKey] { return place }
        var identity = CgroupIdentity(cgroupPath: "/")
        identity.name = "ended workloads"
        identity.path = ""
        let place = occupy(with: Workload(key: Self.endedKey, identity: identity, cgroup: 0))
        byKey[Self.endedKey] = place
        changes.append(.added(place))
        return place
    }

    mutating func takeChanges() -> [TreeChange] {
        defer { changes = [] }
        return changes
    }
}
