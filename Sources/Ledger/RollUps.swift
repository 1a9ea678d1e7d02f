internal import Impact

/// Sums over pods that are no level of the tree: by owner, and by the labels that are allowed. They only ever grow.
package struct RollUps {
    package struct Key: Hashable, Sendable {
        /// `owner` or `label:NAME`: a pod is in at most one roll-up of a dimension.
        package let dimension: String
        package let parts: [String]

        package static let owner = "owner"
    }

    package struct Group {
        package let key: Key
        /// Pods that it has, those included that ended and are still shown.
        package fileprivate(set) var members = 0
        package fileprivate(set) var totals = Totals()
        /// False for a place that waits for its next group.
        package fileprivate(set) var isShown = true
        /// Since when it has no pods, s; nil while it has some.
        fileprivate var emptySince: Double?
    }

    /// Pods and containers by their place in the tree: the groups that each is part of, and the dimensions whose
    /// groups have its past.
    private struct Membership {
        var groups: [Int] = []
        var dimensions: Set<String> = []
    }

    private var groups: [Group] = []
    private var byKey: [Key: Int] = [:]
    private var free: [Int] = []
    private var memberships: [Membership] = []
    /// Groups that were credited in the present window.
    private var active = ChangeSet()
    /// Groups without pods, which go after the retention time.
    private var empty: Set<Int> = []
    /// See ``Ledger/time``.
    var time = 0.0
    /// Since the last ``forgetChanges()``.
    package private(set) var changes = ChangeSet()

    package subscript(place: Int) -> Group { groups[place] }

    /// Places of the groups that are shown. O(groups).
    package var places: some Sequence<Int> { groups.indices.lazy.filter { groups[$0].isShown } }

    // MARK: Members

    /// The groups that a workload is part of. O(1).
    func groups(of member: Int) -> [Int] { member < memberships.count ? memberships[member].groups : [] }

    /// Dimensions of the groups that have a workload's past, sorted.
    func dimensions(of member: Int) -> [String] {
        member < memberships.count ? memberships[member].dimensions.sorted() : []
    }

    /// Puts a workload into the groups of these keys and out of all others. From now on they get what it uses; what it
    /// used before stays where it was, or goes to the first group of each dimension.
    mutating func assign(_ member: Int, to keys: [Key], past: Totals) {
        reserve(member)
        let before = memberships[member].groups
        var after: [Int] = []
        for key in keys {
            let group = join(key)
            if memberships[member].dimensions.insert(key.dimension).inserted {
                groups[group].totals.inherit(past)
            }
            changes.insert(group, [.totals, .description])
            after.append(group)
        }
        for group in before { leave(group) }
        memberships[member].groups = after
    }

    /// Takes a workload out of its groups, which keep what it used.
    mutating func removeMember(_ member: Int) {
        guard member < memberships.count else { return }
        for group in memberships[member].groups { leave(group) }
        memberships[member] = Membership()
    }

    /// Notes which dimensions have the past of a workload of an earlier run.
    mutating func restore(_ dimensions: [String], of member: Int) {
        guard !dimensions.isEmpty else { return }
        reserve(member)
        memberships[member].dimensions = Set(dimensions)
    }

    private mutating func reserve(_ member: Int) {
        while memberships.count <= member { memberships.append(Membership()) }
    }

    private mutating func join(_ key: Key) -> Int {
        let group = byKey[key] ?? place(Group(key: key, totals: Totals(since: time)))
        byKey[key] = group
        groups[group].members += 1
        groups[group].emptySince = nil
        empty.remove(group)
        return group
    }

    private mutating func leave(_ group: Int) {
        groups[group].members -= 1
        changes.insert(group, .description)
        if groups[group].members == 0 { empty.insert(group) }
    }

    // MARK: Windows

    /// Changes the totals of a group within the present window.
    mutating func change(_ group: Int, _ change: (inout Totals) -> Void) {
        active.insert(group, .totals)
        changes.insert(group, .totals)
        change(&groups[group].totals)
    }

    mutating func beginWindow() {
        for group in active.places where groups[group].isShown {
            groups[group].totals.beginWindow()
            changes.insert(group, .rates)
        }
        active.removeAll()
    }

    mutating func endWindow(_ rates: Rates) {
        for group in active.places { groups[group].totals.endWindow(rates) }
    }

    mutating func forgetChanges() { changes.removeAll() }

    /// Drops groups that have had no pod for the retention time, s. O(empty groups).
    mutating func retire(at now: Double, retention: Double) {
        for group in empty {
            let since = groups[group].emptySince ?? now
            groups[group].emptySince = since
            guard now - since >= retention else { continue }
            byKey[groups[group].key] = nil
            groups[group].isShown = false
            groups[group].totals = Totals()
            changes.insert(group, .description)
            empty.remove(group)
            free.append(group)
        }
    }

    private mutating func place(_ group: Group) -> Int {
        if let place = free.popLast() {
            groups[place] = group
            return place
        }
        groups.append(group)
        return groups.count - 1
    }

    // MARK: State file

    /// Every group that is shown, as the state file has it.
    package func saved() -> [LedgerState.Group] {
        groups.lazy.filter(\.isShown).map {
            LedgerState.Group(dimension: $0.key.dimension, parts: $0.key.parts, totals: $0.totals)
        }
    }

    /// Takes up the groups of an earlier run. Their pods join them when they are named.
    package mutating func restore(_ saved: [LedgerState.Group]) {
        for group in saved {
            let key = Key(dimension: group.dimension, parts: group.parts)
            guard byKey[key] == nil else { continue }
            var restored = Group(key: key)
            restored.totals = group.totals
            let place = place(restored)
            byKey[key] = place
            empty.insert(place)
        }
    }

    /// Traps where the groups contradict each other. For tests.
    package func _checkInvariants() {
        var members: [Int: Int] = [:]
        for membership in memberships { for group in membership.groups { members[group, default: 0] += 1 } }
        for (place, group) in groups.enumerated() {
            guard group.isShown else {
                precondition(free.contains(place) && members[place] == nil, "a group is not shown, but in use")
                continue
            }
            precondition(byKey[group.key] == place, "\(group.key) cannot be looked up")
            precondition(group.members == members[place] ?? 0, "\(group.key) miscounts its pods")
            precondition((group.members == 0) == empty.contains(place), "\(group.key) has the wrong emptiness")
        }
    }
}
