internal import Snapshot
internal import Units

/// What pods are added up by, besides their namespace.
package struct RollUpDimensions: Sendable, Equatable {
    /// Label names of pods: `team` for the attribute `k8s.pod.label.team`.
    package var labels: [String] = []

    package init(labels: [String] = []) {
        self.labels = labels
    }

    /// Each kind of them, as the snapshot has it.
    var names: [String] { [Self.owner] + labels.map(Self.name(ofLabel:)) }

    private static let owner = "owner"

    private static func name(ofLabel label: String) -> String { "label:\(label)" }

    /// The roll-ups that a pod with these attributes is part of.
    func keys(_ facts: [String: String]) -> [RollUps.Key] {
        var keys: [RollUps.Key] = []
        if let namespace = facts["k8s.namespace.name"], let kind = facts["k8s.owner.kind"],
            let name = facts["k8s.owner.name"]
        {
            keys.append(RollUps.Key(dimension: Self.owner, parts: [namespace, kind, name]))
        }
        for label in labels {
            guard let value = facts["k8s.pod.label.\(label)"] else { continue }
            keys.append(RollUps.Key(dimension: Self.name(ofLabel: label), parts: [label, value]))
        }
        return keys
    }
}

/// Sums over pods that are no level of the tree: by owner, and by the labels that are allowed. They only ever grow.
struct RollUps {
    struct Key: Hashable {
        /// `owner` or `label:NAME`: a pod is in at most one roll-up of a dimension.
        let dimension: String
        let parts: [String]
    }

    struct Group {
        let key: Key
        /// Pods that it has, those included that ended and are still shown.
        var members = 0
        /// Since when it has none, s; nil while it has.
        var emptySince: Double?
        var isShown = true
        var account = Account()
    }

    private var groups: [Group] = []
    private var byKey: [Key: Int] = [:]
    private var free: [Int] = []

    subscript(index: Int) -> Group { groups[index] }

    mutating func change(_ index: Int, _ change: (inout Account) -> Void) {
        change(&groups[index].account)
    }

    mutating func join(_ key: Key) -> Int {
        let index = byKey[key] ?? place(Group(key: key))
        byKey[key] = index
        groups[index].members += 1
        groups[index].emptySince = nil
        return index
    }

    mutating func leave(_ index: Int) {
        groups[index].members -= 1
    }

    mutating func inherit(_ index: Int, _ account: Account) {
        groups[index].account.inherit(account)
    }

    mutating func beginWindow() {
        for index in groups.indices { groups[index].account.beginWindow() }
    }

    mutating func endWindow(emissions: (Microjoules) -> Grams) {
        for index in groups.indices where groups[index].account.windowEnergy > .zero {
            groups[index].account.emissions += emissions(groups[index].account.windowEnergy)
        }
    }

    /// Lets go of those that have had no pod for so long.
    mutating func retire(at now: Double, retention: Double) {
        for index in groups.indices where groups[index].isShown && groups[index].members == 0 {
            let since = groups[index].emptySince ?? now
            groups[index].emptySince = since
            guard now - since >= retention else { continue }
            byKey[groups[index].key] = nil
            groups[index].isShown = false
            groups[index].account = Account()
            free.append(index)
        }
    }

    /// Every group that is shown, as the state file has it.
    func saved() -> [LedgerState.Group] {
        groups.lazy.filter(\.isShown).map {
            LedgerState.Group(dimension: $0.key.dimension, parts: $0.key.parts, account: $0.account)
        }
    }

    /// Takes up the groups of an earlier run. Their pods find them when they are named.
    mutating func restore(_ saved: [LedgerState.Group]) {
        for group in saved {
            let key = Key(dimension: group.dimension, parts: group.parts)
            guard byKey[key] == nil else { continue }
            var restored = Group(key: key)
            restored.account = group.account
            byKey[key] = place(restored)
        }
    }

    private mutating func place(_ group: Group) -> Int {
        if let index = free.popLast() {
            groups[index] = group
            return index
        }
        groups.append(group)
        return groups.count - 1
    }

    func views(window: Double, zones: [String]) -> [Snapshot.Aggregate] {
        groups.lazy.filter(\.isShown).map { group in
            let isOwner = group.key.dimension == "owner"
            let names =
                isOwner
                ? ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"]
                : ["energyd.label.name", "energyd.label.value"]
            return Snapshot.Aggregate(
                kind: isOwner ? "owner" : "label", name: group.key.parts.joined(separator: "/"),
                pods: group.members, cpuSeconds: Seconds(nanoseconds: group.account.cpuNanoseconds).value,
                cpuUsage: group.account.cpuUsage(window: window), contextSwitches: group.account.switches,
                powerWatts: group.account.watts(window: window), emissionsGrams: group.account.emissions.value,
                zones: group.account.energyByZone(zones),
                labels: Dictionary(uniqueKeysWithValues: zip(names, group.key.parts)))
        }
    }
}
