package import Workloads

/// What is known of workloads beyond their cgroup path: OpenTelemetry attributes by workload and source.
///
/// A name is never a key: two workloads with one name stay two, and a workload that gets another name stays one.
/// Lookups are O(1).
package struct NameTable: Sendable {
    private struct Entry {
        /// Of containers whose id the source cuts, as much as it knows.
        var id: String
        var facts: [String: String]
        /// Since when the source knows it no longer, s.
        var removedAt: Double?
    }

    private var entries: [NameKey: [NameSource: Entry]] = [:]
    private var removed: [(key: NameKey, source: NameSource, at: Double)] = []
    private var changed: Set<NameKey> = []

    /// How long a name outlives its source's knowledge: one that came and went between two ticks is still told.
    private static let grace = 60.0
    /// Far more than a node has; whoever floods a source fills no memory.
    private static let limit = 50_000

    /// Names that there was no room for.
    package private(set) var refused: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }

    /// - Parameter id: of containers whose id is cut, as much of it as is known.
    package mutating func set(_ facts: [String: String], for key: NameKey, id: String = "", from source: NameSource) {
        guard entries.count < Self.limit || entries[key] != nil else {
            refused += 1
            return
        }
        // Nothing is not a name.
        let facts = facts.values.contains("") ? facts.filter { !$0.value.isEmpty } : facts
        let old = entries[key]?[source]
        entries[key, default: [:]][source] = Entry(id: id, facts: facts)
        if old?.facts != facts || old?.id != id { changed.insert(key) }
    }

    /// The workload is gone. What the kubelet and the API know they take back themselves.
    package mutating func forget(_ key: NameKey) {
        guard let told = entries[key] else { return }
        let kept = told.filter { $0.key >= .logs }
        entries[key] = kept.isEmpty ? nil : kept
    }

    /// Something about the workload is to be looked at again.
    mutating func touch(_ key: NameKey) {
        if entries[key] != nil { changed.insert(key) }
    }

    /// The source knows it no longer. What has been named keeps its name.
    package mutating func remove(_ key: NameKey, from source: NameSource, at now: Double) {
        guard entries[key]?[source] != nil, entries[key]?[source]?.removedAt == nil else { return }
        entries[key]?[source]?.removedAt = now
        removed.append((key, source, now))
    }

    /// Drops what was removed some time ago. Linear in what is due.
    package mutating func expire(at now: Double) {
        let due = removed.prefix { now - $0.at >= Self.grace }
        for (key, source, at) in due where entries[key]?[source]?.removedAt == at {
            entries[key]?[source] = nil
            if entries[key]?.isEmpty == true { entries[key] = nil }
        }
        removed.removeFirst(due.count)
    }

    /// The workloads of which something else is known than at the last call.
    package mutating func takeChanges() -> Set<NameKey> {
        // Not `keepingCapacity`: that would make room anew for as many as there were at the start, every time.
        defer { changed = [] }
        return changed
    }

    /// What the sources together say of a workload; of a container, what they say of its pod included.
    package func facts(of identity: CgroupIdentity) -> [String: String] {
        // Most have one source, whose word is handed on as it is.
        if let key = NameKey(identity), let told = entries[key], told.count == 1, let facts = told.first?.value.facts {
            if identity.kind != .container { return facts }
            let pod = identity.podUID.flatMap { entries[.pod($0)] }
            let agrees = pod.map { $0.count == 1 && $0.allSatisfy { Self.agree(facts, $0.value.facts) } } ?? false
            if agrees { return facts }
        }
        return told(of: identity).mapValues(\.value)
    }

    private static func agree(_ facts: [String: String], _ pod: [String: String]) -> Bool {
        inherited.allSatisfy { facts[$0] == pod[$0] }
    }

    /// The same, each attribute with the source that decided.
    package func told(of identity: CgroupIdentity) -> [String: (value: String, source: NameSource)] {
        guard let key = NameKey(identity) else { return [:] }
        var own = merged(key)
        guard identity.kind == .container, let id = identity.containerID else { return own }
        if own.isEmpty { own = merged(.container(beginning: id), containerID: id) }
        // Whoever may make cgroups may name one after a container of somebody's pod: outside of pods no name of
        // Kubernetes holds, and inside not that of another pod.
        guard let uid = identity.podUID else { return own.filter { !$0.key.hasPrefix("k8s.") } }
        let pod = merged(.pod(uid)).filter { Self.inherited.contains($0.key) }
        let isOfAnotherPod = Self.podNames.contains { name in
            if let ours = own[name]?.value, let its = pod[name]?.value { ours != its } else { false }
        }
        return isOfAnotherPod ? pod : own.merging(pod) { $1 }
    }

    /// By which a pod is known to people.
    private static let podNames = ["k8s.namespace.name", "k8s.pod.name"]

    /// What a container has from its pod.
    private static let inherited: Set<String> = ["k8s.namespace.name", "k8s.pod.name", "vm.name"]

    private func merged(_ key: NameKey, containerID: String? = nil) -> [String: (value: String, source: NameSource)] {
        guard let told = entries[key] else { return [:] }
        var result: [String: (value: String, source: NameSource)] = [:]
        for source in NameSource.allCases {
            guard let entry = told[source], containerID?.hasPrefix(entry.id) ?? true else { continue }
            for (name, value) in entry.facts { result[name] = (value, source) }
        }
        return result
    }
}
