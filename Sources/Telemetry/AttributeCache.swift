internal import Snapshot

/// The rendered attributes of everything that has series, from one snapshot to the next. An entry is used for as long
/// as what it was made of is the same, and dropped when its workload is no longer shown.
final class AttributeCache {
    final class Entry {
        /// Of the series.
        let labels: AttributeSet
        /// Of the info metric; nil where there is none.
        let facts: AttributeSet?
        /// Of its series under Kepler's names.
        var kepler = KeplerLabels()
        /// Its counters were exported as they are: they must not be zero again.
        private var isCounting = false
        fileprivate let source: Source
        fileprivate var generation: UInt64

        fileprivate init(_ source: Source, _ generation: UInt64, labels: AttributeSet, facts: AttributeSet? = nil) {
            self.source = source
            self.generation = generation
            self.labels = labels
            self.facts = facts
        }

        /// Whether its counters are to be zero, because it came a short while ago.
        ///
        /// - Parameters:
        ///   - age: time since they began, s; nil for that since the agent's start.
        ///   - time: how long they are zero, s.
        func startsAtZero(age: Double?, for time: Double) -> Bool {
            if !isCounting, let age, (0..<max(time, 0)).contains(age) { return true }
            // The clock may be set back.
            isCounting = true
            return false
        }

        fileprivate func follow(_ entry: Entry?) {
            if let entry { isCounting = entry.isCounting }
        }
    }

    /// What attributes are made of. Strings and dictionaries that are shared with the snapshot before compare by
    /// their storage first, so that the usual comparison is one of pointers.
    fileprivate struct Source: Equatable {
        var name = ""
        var path = ""
        var isNested: Bool?
        var labels: [String: String] = [:]
        /// Of the pod of a container.
        var pod: [String: String] = [:]
    }

    private struct Key: Hashable {
        let kind: String
        let id: String
        var command = ""
    }

    private let selection: LabelSelection
    /// What the series of each kind have, by its name.
    private let labels: [String: [String]]
    private var node = ""
    private var entries: [Key: Entry] = [:]
    private var generation: UInt64 = 0
    private var used = 0

    private let rendersLabels: Bool

    /// - Parameter rendersLabels: whether text is exported; see ``AttributeSet``.
    init(_ selection: LabelSelection = .standard, rendersLabels: Bool = true) {
        self.selection = selection
        self.rendersLabels = rendersLabels
        labels = Dictionary(uniqueKeysWithValues: WorkloadKind.all.map { ($0.name, $0.labels(selection)) })
    }

    /// A new snapshot follows, of the node of this name.
    func begin(_ node: String) {
        if node != self.node {
            self.node = node
            entries = [:]
        }
        generation += 1
        used = 0
    }

    /// Drops what the snapshot did not use.
    func end() {
        guard used < entries.count else { return }
        entries = entries.filter { $0.value.generation == generation }
    }

    /// - Parameter pod: labels of the pod of a container; empty elsewhere.
    func entry(of workload: Snapshot.Workload, _ kind: WorkloadKind, pod: [String: String]) -> Entry {
        let source = Source(
            name: workload.name, path: workload.cgroupPath, isNested: workload.isNested, labels: workload.labels,
            pod: pod)
        return entry(Key(kind: kind.name, id: workload.id), source) {
            // The runtime's own name of a container of a pod says nothing more, and may come later.
            let isOfPod = workload.labels["k8s.pod.uid"] != nil
            let names = (labels[kind.name] ?? []).filter { !isOfPod || $0 != "container.name" }
            func values(_ patterns: [String]) -> [(name: String, value: String)] {
                patterns.flatMap { self.names(like: $0, of: workload, pod) }
                    .reduce(into: []) { list, name in
                        if list.contains(where: { $0.name == name }) { return }
                        list.append((name: name, value: attribute(name, of: workload, pod)))
                    }
            }
            let hasFacts = !kind.isSum && !(kind.names.isEmpty && kind.facts.isEmpty)
            return Entry(
                source, generation, labels: set(values(names), covering: kind.attributes.count),
                facts: hasFacts ? set(values(kind.attributes + kind.facts)) : nil)
        }
    }

    private func set(_ attributes: [(name: String, value: String)], covering count: Int? = nil) -> AttributeSet {
        AttributeSet(attributes, covering: count, isOfWorkload: count != nil, rendersLabels: rendersLabels)
    }

    func entry(of aggregate: Snapshot.Aggregate, _ kind: WorkloadKind) -> Entry {
        let source = Source(labels: aggregate.labels)
        return entry(Key(kind: kind.name, id: aggregate.name), source) {
            let values = (labels[kind.name] ?? []).map { name in
                (name: name, value: WorkloadKind.ofTheNode.contains(name) ? node : aggregate.labels[name] ?? "")
            }
            return Entry(source, generation, labels: set(values, covering: kind.attributes.count))
        }
    }

    /// - Parameters:
    ///   - workload: that it ran in; nil where that is not shown.
    ///   - pod: labels of the pod of that; empty elsewhere.
    func entry(of command: Snapshot.Command, in workload: Snapshot.Workload?, pod: [String: String]) -> Entry {
        let source = Source(name: workload?.name ?? "", labels: workload?.labels ?? [:], pod: pod)
        return entry(Key(kind: "process", id: command.workloadId, command: command.comm), source) {
            let names = ProcessAttributes.names.filter { selection.includes($0, isStandard: true) }
            let values = names.map { name in
                (name: name, value: workload.map { attribute(name, of: $0, pod) } ?? "")
            }
            return Entry(
                source, generation,
                labels: set(
                    [(name: ProcessAttributes.name, value: command.comm)] + values
                        + [(name: ProcessAttributes.workload, value: command.workloadId)],
                    covering: ProcessAttributes.all.count))
        }
    }

    private func entry(_ key: Key, _ source: Source, _ make: () -> Entry) -> Entry {
        if let entry = entries[key], entry.source == source {
            if entry.generation != generation { used += 1 }
            entry.generation = generation
            return entry
        }
        let entry = make()
        entry.follow(entries[key])
        entries[key] = entry
        used += 1
        return entry
    }
}

extension AttributeCache {
    /// The value of an attribute; empty where it is not known.
    private func attribute(_ name: String, of workload: Snapshot.Workload, _ pod: [String: String]) -> String {
        switch name {
        case "systemd.unit" where workload.kind == "unit", "systemd.slice" where workload.kind == "slice":
            workload.name
        case "vm.name": workload.labels[name] ?? (workload.kind == "vm" ? workload.name : pod[name] ?? "")
        case "k8s.namespace.name" where workload.kind == "namespace": workload.name
        // A container without an id is identified by its cgroup path.
        case "cgroup.path":
            workload.kind == "container" && !workload.id.hasPrefix("container:/") ? "" : workload.cgroupPath
        case "nested": workload.isNested == true ? "true" : ""
        case "cgroup.id": workload.cgroupId > 0 ? String(workload.cgroupId) : workload.id
        case "k8s.node.name", "host.name": node
        default: workload.labels[name] ?? pod[name] ?? ""
        }
    }

    /// The attributes that a name of the catalogue stands for: itself, or, where it ends with `*`, all that begin so.
    private func names(like pattern: String, of workload: Snapshot.Workload, _ pod: [String: String]) -> [String] {
        guard pattern.hasSuffix("*") else { return [pattern] }
        return Set(workload.labels.keys).union(pod.keys).filter { $0.hasPrefix(pattern.dropLast()) }.sorted()
    }
}
