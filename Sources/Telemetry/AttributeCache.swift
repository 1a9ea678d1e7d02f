internal import Snapshot

/// The rendered attributes of everything that has series, from one snapshot to the next. An entry is used for as long
/// as what it was made of is the same, and dropped when its workload is no longer shown.
final class AttributeCache {
    final class Entry {
        let identity: AttributeSet
        let facts: AttributeSet?
        fileprivate let source: Source
        fileprivate var generation: UInt64

        fileprivate init(_ source: Source, _ generation: UInt64, identity: AttributeSet, facts: AttributeSet? = nil) {
            self.source = source
            self.generation = generation
            self.identity = identity
            self.facts = facts
        }
    }

    /// What attributes are made of. Strings and dictionaries that are shared with the snapshot before compare by
    /// their storage first, so that the usual comparison is one of pointers.
    fileprivate struct Source: Equatable {
        var name = ""
        var path = ""
        var isNested: Bool?
        var labels: [String: String] = [:]
    }

    private struct Key: Hashable {
        let kind: String
        let id: String
        var command = ""
    }

    private var entries: [Key: Entry] = [:]
    private var generation: UInt64 = 0
    private var used = 0

    /// A new snapshot follows.
    func begin() {
        generation += 1
        used = 0
    }

    /// Drops what the snapshot did not use.
    func end() {
        guard used < entries.count else { return }
        entries = entries.filter { $0.value.generation == generation }
    }

    func entry(of workload: Snapshot.Workload, _ kind: WorkloadKind) -> Entry {
        let source = Source(
            name: workload.name, path: workload.cgroupPath, isNested: workload.isNested, labels: workload.labels)
        return entry(Key(kind: kind.name, id: workload.id), source) {
            let values = kind.attributes.map { (name: $0, value: workload.attribute($0)) }
            let facts = kind.facts.map { facts in
                AttributeSet((kind.attributes + facts).flatMap(workload.attributes(like:)))
            }
            return Entry(source, generation, identity: AttributeSet(values), facts: facts)
        }
    }

    func entry(of aggregate: Snapshot.Aggregate, _ kind: WorkloadKind) -> Entry {
        let source = Source(labels: aggregate.labels)
        return entry(Key(kind: kind.name, id: aggregate.name), source) {
            let values = kind.attributes.map { (name: $0, value: aggregate.labels[$0] ?? "") }
            return Entry(source, generation, identity: AttributeSet(values))
        }
    }

    func entry(of command: Snapshot.Command) -> Entry {
        let source = Source()
        return entry(Key(kind: "process", id: command.workloadId, command: command.comm), source) {
            Entry(
                source, generation,
                identity: AttributeSet(names: ProcessAttributes.names, values: [command.comm, command.workloadId]))
        }
    }

    private func entry(_ key: Key, _ source: Source, _ make: () -> Entry) -> Entry {
        if let entry = entries[key], entry.source == source {
            if entry.generation != generation { used += 1 }
            entry.generation = generation
            return entry
        }
        let entry = make()
        entries[key] = entry
        used += 1
        return entry
    }
}

extension Snapshot.Workload {
    /// The value of an attribute; empty where it is not known.
    fileprivate func attribute(_ name: String) -> String {
        switch name {
        case "systemd.unit", "systemd.slice": self.name
        case "vm.name": labels[name] ?? (kind == "vm" ? self.name : "")
        case "k8s.namespace.name" where kind == "namespace": self.name
        // A container without an id is identified by its cgroup path.
        case "cgroup.path": kind == "container" && !id.hasPrefix("container:/") ? "" : cgroupPath
        case "nested": isNested == true ? "true" : ""
        case "cgroup.id": cgroupId > 0 ? String(cgroupId) : id
        default: labels[name] ?? ""
        }
    }

    /// The attributes that a name of the catalogue stands for: itself, or, where it ends with `*`, all that begin so.
    fileprivate func attributes(like pattern: String) -> [(name: String, value: String)] {
        guard pattern.hasSuffix("*") else { return [(pattern, attribute(pattern))] }
        return labels.filter { $0.key.hasPrefix(pattern.dropLast()) }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
    }
}
