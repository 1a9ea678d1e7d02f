package import Workloads

/// Names of workloads beyond their cgroup path: OpenTelemetry attributes by workload and source.
///
/// A name is never a key: two workloads with one name stay two, and a workload that gets another name stays one.
/// Lookups are O(1).
package struct NameTable: Sendable {
    /// What one source reports for a workload.
    fileprivate struct Claim {
        let source: NameSource
        /// Where the source truncates container ids, as much as it has.
        var id: String
        var facts: [String: String]
        /// Sequence number, over all sources.
        var number: UInt64
    }

    /// The claims for each workload, in ascending order of precedence. There are few: a list is faster than a dictionary.
    private var entries: [NameKey: [Claim]] = [:]
    /// Claims that sources have withdrawn: when, in s, and the latest sequence number at that time, because a claim that
    /// was made again has a higher one. Looked up when due, not when withdrawn.
    private var removed: [(key: NameKey, source: NameSource, at: Double, number: UInt64)] = []
    private var number: UInt64 = 0
    /// May have a key more than once.
    private var changed: [NameKey] = []

    /// How long a withdrawn name is kept, s: one that came and went between two ticks is still used.
    private static let grace = 60.0
    /// Far more than a node has, so that a flooded source does not fill the memory.
    package static let limit = 50_000

    /// What one source brought in, in order; nil where that is not noted. See ``noting(_:)``.
    private var notes: [Change]?

    /// A change that a source makes.
    package enum Change: Sendable, Equatable {
        /// See ``NameTable/set(_:for:id:from:)``.
        case set(NameKey, facts: [String: String], id: String, NameSource)
        /// See ``NameTable/remove(_:from:at:)``.
        case remove(NameKey, NameSource)
        /// See ``NameTable/touch(_:)``.
        case touch(NameKey)
        /// Names that the source had no room for.
        case refuse(UInt64)
    }

    /// Runs `body`, and returns what it changed in the order in which it did.
    package mutating func noting(_ body: (inout NameTable) -> Void) -> [Change] {
        notes = []
        body(&self)
        defer { notes = nil }
        return notes ?? []
    }

    /// Makes a change that was noted.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    package mutating func apply(_ change: Change, at now: Double) {
        switch change {
        case .set(let key, let facts, let id, let source): set(facts, for: key, id: id, from: source)
        case .remove(let key, let source): remove(key, from: source, at: now)
        case .touch(let key): touch(key)
        case .refuse(let count): addRefused(count)
        }
    }

    /// Names and lookups that there was no room for, here or in a ``NameFeed``.
    package private(set) var refused: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }

    /// - Parameter id: for sources that truncate container ids, as much of it as is known.
    package mutating func set(_ facts: [String: String], for key: NameKey, id: String = "", from source: NameSource) {
        notes?.append(.set(key, facts: facts, id: id, source))
        guard entries.count < Self.limit || entries[key] != nil else {
            refused += 1
            return
        }
        // An empty text is not a name.
        let facts = (facts.values.contains("") ? facts.filter { !$0.value.isEmpty } : facts).mapValues(boundedName)
        number += 1
        let claim = Claim(source: source, id: id, facts: facts, number: number)
        if entries[key, default: []].put(claim) { changed.append(key) }
    }

    /// Counts what was refused before it came here.
    mutating func addRefused(_ count: UInt64) {
        if count > 0 { notes?.append(.refuse(count)) }
        refused += count
    }

    /// The workload is gone. Claims of the kubelet and the API are withdrawn by them.
    package mutating func forget(_ key: NameKey) {
        guard let claims = entries[key] else { return }
        let kept = claims.filter { $0.source >= .logs }
        entries[key] = kept.isEmpty ? nil : kept
    }

    /// Marks the workload as changed.
    mutating func touch(_ key: NameKey) {
        notes?.append(.touch(key))
        if entries[key] != nil { changed.append(key) }
    }

    /// Withdraws a claim. A workload that has its name already keeps it.
    package mutating func remove(_ key: NameKey, from source: NameSource, at now: Double) {
        notes?.append(.remove(key, source))
        guard removed.count < Self.limit else { return drop(key, from: source, upTo: number) }
        removed.append((key, source, now, number))
    }

    /// Drops what was removed some time ago. Linear in what is due.
    package mutating func expire(at now: Double) {
        let due = removed.prefix { now - $0.at >= Self.grace }
        for (key, source, _, number) in due { drop(key, from: source, upTo: number) }
        removed.removeFirst(due.count)
    }

    private mutating func drop(_ key: NameKey, from source: NameSource, upTo number: UInt64) {
        entries[key]?.removeAll { $0.source == source && $0.number <= number }
        if entries[key]?.isEmpty == true { entries[key] = nil }
    }

    /// The workloads whose names changed since the last call; some possibly twice.
    package mutating func takeChanges() -> [NameKey] {
        defer { changed = [] }
        return changed
    }

    /// All names of a workload; for a container, including those of its pod.
    package func facts(of identity: CgroupIdentity) -> [String: String] {
        // Most have one source, whose claim is returned as is.
        if let key = NameKey(identity), let claims = entries[key], claims.count == 1 {
            let facts = claims[0].facts
            if identity.kind != .container { return facts }
            if let pod = identity.podUID.flatMap({ entries[.pod($0)] }), pod.count == 1,
                Self.agree(facts, pod[0].facts)
            {
                return facts
            }
        }
        return claims(of: identity).mapValues(\.value)
    }

    private static func agree(_ facts: [String: String], _ pod: [String: String]) -> Bool {
        inherited.allSatisfy { facts[$0] == pod[$0] }
    }

    /// The same, each attribute with the source that decided.
    package func claims(of identity: CgroupIdentity) -> [String: (value: String, source: NameSource)] {
        guard let key = NameKey(identity) else { return [:] }
        var names = merged(key)
        guard identity.kind == .container, let id = identity.containerID else { return names }
        if names.isEmpty, identity.userID == nil { names = merged(.container(beginning: id), containerID: id) }
        // Any user who may create cgroups may name one after a container of another user's pod: names of Kubernetes
        // apply only in pods, and only in the pod that they belong to.
        guard let uid = identity.podUID else { return names.filter { !$0.key.hasPrefix("k8s.") } }
        let pod = merged(.pod(uid)).filter { Self.inherited.contains($0.key) }
        let isOfAnotherPod = Self.podNames.contains { name in
            if let found = names[name]?.value, let ofPod = pod[name]?.value { found != ofPod } else { false }
        }
        return isOfAnotherPod ? pod : names.merging(pod) { $1 }
    }

    /// The attributes that name a pod.
    private static let podNames = ["k8s.namespace.name", "k8s.pod.name"]

    /// Attributes that a container inherits from its pod.
    private static let inherited: Set<String> = ["k8s.namespace.name", "k8s.pod.name", "vm.name"]

    private func merged(_ key: NameKey, containerID: String? = nil) -> [String: (value: String, source: NameSource)] {
        var result: [String: (value: String, source: NameSource)] = [:]
        for claim in entries[key] ?? [] where containerID?.hasPrefix(claim.id) ?? true {
            for (name, value) in claim.facts { result[name] = (value, claim.source) }
        }
        return result
    }
}

extension [NameTable.Claim] {
    /// True where that changes what is known.
    fileprivate mutating func put(_ claim: Element) -> Bool {
        let index = firstIndex { $0.source >= claim.source } ?? endIndex
        guard index < endIndex, self[index].source == claim.source else {
            insert(claim, at: index)
            return true
        }
        defer { self[index] = claim }
        return self[index].facts != claim.facts || self[index].id != claim.id
    }
}
