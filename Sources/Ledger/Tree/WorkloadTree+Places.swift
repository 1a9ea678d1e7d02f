internal import Linux
internal import Workloads

/// Where workloads have their place. In whatever order cgroups appear, the tree is the same in the end.
extension WorkloadTree {
    /// A container belongs to its pod; a pod to its namespace, once that is known, because a namespace cuts across the
    /// slices that pods lie in; everything else to the nearest workload above it. The root cgroup holds its own tasks
    /// only.
    func parent(of identity: CgroupIdentity) -> Int? {
        if identity.isMemberOfNamespace || identity.kind == .namespace { return nil }
        // Not the slice above where the pod is not known yet: the slice would have to give back what it was credited.
        if let pod = identity.podPath { return byPath[pod] }
        return identity.path.pathsAbove.lazy.compactMap { byPath[$0] }.first
    }

    /// Gives a workload that appeared, or has another path, its place, and those below it theirs.
    mutating func attach(_ place: Int) {
        let identity = places[place].identity
        if let parent = parent(of: identity) { move(place, below: parent) }
        stopAwaiting(place)
        startAwaiting(place)
        guard let waiting = awaiting.removeValue(forKey: identity.path) else { return }
        for other in waiting.sorted() where other != place {
            places[other].awaited.removeAll { $0 == identity.path }
            if parent(of: places[other].identity) == place { move(other, below: place) }
        }
    }

    private mutating func startAwaiting(_ place: Int) {
        let identity = places[place].identity
        guard !identity.isMemberOfNamespace, identity.kind != .namespace else { return }
        if let pod = identity.podPath {
            if byPath[pod] == nil { places[place].awaited = [pod] }
        } else {
            places[place].awaited = Array(identity.path.pathsAbove.prefix { byPath[$0] == nil })
        }
        for path in places[place].awaited { awaiting[path, default: []].insert(place) }
    }

    mutating func stopAwaiting(_ place: Int) {
        for path in places[place].awaited {
            awaiting[path]?.remove(place)
            if awaiting[path]?.isEmpty == true { awaiting[path] = nil }
        }
        places[place].awaited = []
    }

    /// Puts a workload below one that lies between it and its parent. The parent has the workload's past already; what
    /// is new above it inherits that.
    mutating func move(_ place: Int, below parent: Int) {
        let before = places[place].parent
        guard before != parent else { return }
        var heirs: [Int] = []
        var next: Int? = parent
        while next != before {
            // Elsewhere in the tree its past would be counted twice.
            guard let heir = next, heir != place else { return }
            heirs.append(heir)
            next = places[heir].parent
        }
        if let before { removeChild(from: before) }
        addChild(to: parent)
        places[place].parent = parent
        changes.append(.altered(place))
        changes.append(.inherited(from: place, by: heirs))
    }

    // MARK: Lives

    mutating func end(_ place: Int, at now: Double) {
        places[place].endedAt = now
        changes.append(.altered(place))
        changes.append(.retirableChanged(place))
        guard let parent = places[place].parent, places[parent].identity.kind == .namespace else { return }
        places[parent].liveCgroups -= 1
        if places[parent].liveCgroups == 0 { end(parent, at: now) }
    }

    mutating func resume(_ place: Int) {
        places[place].endedAt = nil
        changes.append(.altered(place))
        changes.append(.retirableChanged(place))
        guard let parent = places[place].parent, places[parent].identity.kind == .namespace else { return }
        places[parent].liveCgroups += 1
        places[parent].endedAt = nil
        changes.append(.altered(parent))
        changes.append(.retirableChanged(parent))
    }

    /// Puts a pod, or a container without a pod's cgroup, below its namespace. The first namespace holds:
    /// a pod has one for life.
    mutating func adopt(_ place: Int, into namespace: String) {
        guard places[place].parent == nil else { return }
        let identity = CgroupIdentity.namespace(namespace)
        let key = identity.key ?? ""
        let parent = byKey[key] ?? insert(identity, key: key, cgroup: 0)
        places[place].parent = parent
        addChild(to: parent)
        changes.append(.altered(place))
        changes.append(.inherited(from: place, by: [parent]))
        if places[place].endedAt == nil {
            places[parent].liveCgroups += 1
            places[parent].endedAt = nil
        } else if places[parent].liveCgroups == 0 {
            places[parent].endedAt = places[place].endedAt
        }
        changes.append(.altered(parent))
        changes.append(.retirableChanged(parent))
    }
}
