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
        /// It has no workload of its own, but is part of a sum; see ``WorkloadTree/fold(_:below:slot:at:)``.
        var isFolded = false
    }

    var places: [Workload] = []
    var cgroups: [UInt64: Cgroup] = [:]
    var byKey: [String: Int] = [:]
    var byPath: [String: Int] = [:]
    /// Workloads by the paths that they await.
    var awaiting: [String: Set<Int>] = [:]
    var changes: [TreeChange] = []
    /// Raised when a cgroup becomes part of another workload than before.
    var regroupings = 0
    /// Cgroups without a workload of their own.
    package internal(set) var folded = 0
    /// Workloads whose path is not known.
    var unknowns = 0
    var room: Room
    /// Where the last cgroup without a workload of its own was added.
    var lastSum: (path: String, place: Int)?
    private var freePlaces: [Int] = []
    var freeSlots: [Int] = []
    private var slotCount = 0
    var displacements = 0

    let grounds: Grounds

    /// The workload that holds the past of those that are no longer shown.
    package static let endedKey = "ended"

    init(limit: Int, groundOf: @escaping (String) -> UserGround?, isShared: @escaping (String) -> Bool) {
        room = Room(limit: limit)
        grounds = Grounds(groundOf, isShared: isShared)
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

    // MARK: Places of cgroups

    mutating func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return slot }
        slotCount += 1
        return slotCount - 1
    }

    // MARK: Places

    /// - Parameter attaches: false while a saved tree is being restored.
    mutating func insert(
        _ identity: CgroupIdentity, key: String, cgroup: UInt64, delegation: UInt64 = 0, attaches: Bool = true
    ) -> Int {
        let parent = parent(of: identity)
        var workload = Workload(key: key, identity: identity, cgroup: cgroup)
        workload.parent = parent
        workload.delegation = delegation
        let place = occupy(with: workload)
        byKey[key] = place
        // A user may call a cgroup as those are called that are added up.
        if !identity.path.isEmpty, !workload.isSum { byPath[identity.path] = place }
        if let parent { addChild(to: parent) }
        changes.append(.added(place))
        if attaches { attach(place) }
        return place
    }

    private mutating func occupy(with workload: Workload) -> Int {
        room.enter(workload)
        if workload.isUnknown { unknowns += 1 }
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
        room.leave(places[place])
        if places[place].isUnknown { unknowns -= 1 }
        if lastSum?.place == place { lastSum = nil }
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

    /// Gives back the memory of many cgroups that are gone; nil where there is little to give. Otherwise returns the
    /// former slots in the order of the new ones.
    mutating func compact() -> [Int]? {
        guard cgroups.capacity > 4 * cgroups.count + 4096 else { return nil }
        byKey = Dictionary(uniqueKeysWithValues: byKey.map { $0 })
        byPath = Dictionary(uniqueKeysWithValues: byPath.map { $0 })
        awaiting = Dictionary(uniqueKeysWithValues: awaiting.map { $0 })
        var moves: [Int] = []
        cgroups = Dictionary(
            uniqueKeysWithValues: cgroups.map { id, cgroup in
                moves.append(cgroup.slot)
                var moved = cgroup
                moved.slot = moves.count - 1
                return (id, moved)
            })
        (freeSlots, slotCount) = ([], moves.count)
        return moves
    }

    mutating func takeChanges() -> [TreeChange] {
        defer { changes = [] }
        return changes
    }
}
