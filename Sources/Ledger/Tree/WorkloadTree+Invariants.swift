internal import Workloads

extension WorkloadTree {
    /// Traps where the tree contradicts itself. For tests: O(workloads + cgroups).
    package func _checkInvariants() {
        var children: [Int: Int] = [:]
        for (place, workload) in places.enumerated() where workload.isShown {
            precondition(byKey[workload.key] == place, "\(workload.key) cannot be looked up")
            if let parent = workload.parent {
                precondition(places[parent].isShown, "the parent of \(workload.key) is gone")
                children[parent, default: 0] += 1
            }
            var (above, steps) = (Optional(place), 0)
            while let next = above, steps <= places.count { (above, steps) = (places[next].parent, steps + 1) }
            precondition(above == nil, "\(workload.key) lies in itself")
            for path in workload.awaited {
                precondition(
                    awaiting[path]?.contains(place) == true, "\(workload.key) awaits a path that does not list it")
            }
        }
        for (place, workload) in places.enumerated() where workload.isShown {
            precondition(workload.childCount == children[place] ?? 0, "\(workload.key) miscounts its children")
        }
        for (path, waiting) in awaiting {
            precondition(!waiting.isEmpty, "\(path) has an empty list of waiting workloads")
            for place in waiting { precondition(places[place].isShown && places[place].awaited.contains(path)) }
        }
        for (path, place) in byPath {
            precondition(places[place].isShown && places[place].identity.path == path, "\(path) leads elsewhere")
        }
        precondition(byKey.values.allSatisfy { places[$0].isShown }, "a key leads to a free place")
        checkCgroups()
        let shown = places.filter(\.isShown)
        room._checkInvariants(shown)
        precondition(unknowns == shown.count(where: \.isUnknown), "workloads without a path are miscounted")
        precondition(folded == cgroups.values.count(where: \.isFolded), "folded cgroups are miscounted")
        precondition(changes.isEmpty, "changes were not taken in")
    }

    private func checkCgroups() {
        var known: [Int: Int] = [:]
        var live: [Int: Int] = [:]
        for cgroup in cgroups.values {
            known[cgroup.workload, default: 0] += 1
            if !cgroup.isRemoved { live[cgroup.workload, default: 0] += 1 }
        }
        let slots = cgroups.values.map(\.slot)
        precondition(Set(slots).count == slots.count, "two cgroups share a slot")
        for (place, workload) in places.enumerated() where workload.isShown && workload.identity.kind != .namespace {
            precondition(workload.knownCgroups == known[place] ?? 0, "\(workload.key) miscounts its cgroups")
            precondition(workload.liveCgroups == live[place] ?? 0, "\(workload.key) miscounts its live cgroups")
            let mustLive = (live[place] ?? 0) > 0
            precondition(!mustLive || workload.endedAt == nil, "\(workload.key) ended with cgroups that live")
        }
        precondition(known.keys.allSatisfy { places[$0].isShown }, "a cgroup is part of a free place")
    }
}
