internal import Accounting
internal import Linux
internal import Workloads

/// Where workloads have their place in the tree. Cgroups may be told of in any order: the tree is the same in the end,
/// what was used on the way is counted once, and no total falls.
extension WorkloadTable {
    /// A container belongs to its pod; a pod to its namespace, once that is known, for this cuts across the slices it
    /// lies in; everything else to the nearest workload above it. The root cgroup holds its own tasks only.
    func parent(of identity: CgroupIdentity) -> Int? {
        if identity.isMemberOfNamespace || identity.kind == .namespace { return nil }
        // Not the slice above where the pod is not known yet: that would have to give back what it was credited.
        if let pod = identity.podPath { return byPath[pod] }
        return identity.path.pathsAbove.lazy.compactMap { byPath[$0] }.first
    }

    /// Gives a workload that came, or has another path, its place, and those below it theirs.
    mutating func settle(_ index: Int) {
        let identity = workloads[index].identity
        if let parent = parent(of: identity) { move(index, below: parent) }
        stopAwaiting(index)
        startAwaiting(index)
        guard let waiting = awaiting.removeValue(forKey: identity.path) else { return }
        for other in waiting.sorted() where other != index {
            workloads[other].awaited.removeAll { $0 == identity.path }
            if parent(of: workloads[other].identity) == index { move(other, below: index) }
        }
    }

    private mutating func startAwaiting(_ index: Int) {
        let identity = workloads[index].identity
        guard !identity.isMemberOfNamespace, identity.kind != .namespace else { return }
        if let pod = identity.podPath {
            if byPath[pod] == nil { workloads[index].awaited = [pod] }
        } else {
            workloads[index].awaited = Array(identity.path.pathsAbove.prefix { byPath[$0] == nil })
        }
        for path in workloads[index].awaited { awaiting[path, default: []].insert(index) }
    }

    mutating func stopAwaiting(_ index: Int) {
        for path in workloads[index].awaited {
            awaiting[path]?.remove(index)
            if awaiting[path]?.isEmpty == true { awaiting[path] = nil }
        }
        workloads[index].awaited = []
    }

    /// Puts a workload below one that lies between it and its parent, which has its past already; whoever is new above
    /// it takes that along.
    mutating func move(_ index: Int, below parent: Int) {
        let before = workloads[index].parent
        guard before != parent else { return }
        var heirs: [Int] = []
        var next: Int? = parent
        while next != before {
            // Elsewhere in the tree it would be counted twice.
            guard let heir = next, heir != index else { return }
            heirs.append(heir)
            next = workloads[heir].parent
        }
        if let before { workloads[before].children -= 1 }
        workloads[parent].children += 1
        workloads[index].parent = parent
        workloads[index].view = nil
        let (account, counters) = (workloads[index].account, workloads[index].counters)
        for heir in heirs {
            workloads[heir].account.inherit(account)
            workloads[heir].counters += counters
            workloads[heir].view = nil
            for group in workloads[heir].groups { groups.inherit(group, account) }
        }
    }

    // MARK: Who is who

    /// Whether an identity that somebody else has already is rather this one's. Anybody may name a cgroup after a
    /// container, but only where they may make one: what root made comes first, then what lies in a pod.
    func hasBetterClaim(_ identity: CgroupIdentity, than other: Workload) -> Bool {
        switch (isRoots(identity.path), other.isRoots ?? isRoots(other.identity.path)) {
        case (true?, false?): true
        case (false?, true?): false
        default: other.endedAt == nil && identity.podUID != nil && other.identity.podUID == nil
        }
    }

    /// Takes an identity away from whoever had it. What they used until now stays where it was credited; from now on
    /// they are plain cgroups.
    mutating func displace(
        _ index: Int, by id: UInt64, _ identity: CgroupIdentity, _ isWhole: Bool, at now: Double
    ) {
        let released = release(index, at: now)
        add(id, identity, isWhole: isWhole, at: now)
        for place in released {
            add(place.id, place.identity, isWhole: place.isWhole, at: now)
            cgroups[place.id]?.counters = place.cgroup.counters
        }
    }

    private typealias Released = (id: UInt64, cgroup: Cgroup, identity: CgroupIdentity, isWhole: Bool)

    /// Ends a workload, and those below it, which would go on being credited to it, under names that mean nothing.
    /// Returns their cgroups, parents first.
    private mutating func release(_ index: Int, at now: Double) -> [Released] {
        let old = workloads[index]
        let members = cgroups.filter { $0.value.workload == index && !$0.value.isRemoved }.sorted { $0.key < $1.key }
        for (member, _) in members { cgroups[member] = nil }
        var released = members.map { Released($0.key, $0.value, old.identity, old.cgroup == $0.key) }
        for child in workloads.indices where workloads[child].isShown && workloads[child].parent == index {
            released += release(child, at: now)
        }
        unname(index)
        for group in old.groups { groups.leave(group) }
        var number = old.serial
        while byKey["displaced:\(number)"] != nil { number += 1 }
        workloads[index].id = "displaced:\(number)"
        workloads[index].identity = .plain(old.identity.path)
        // It shares its number with nobody.
        workloads[index].cgroup = 0
        (workloads[index].facts, workloads[index].labels) = ([:], [:])
        (workloads[index].groups, workloads[index].dimensions) = ([], [])
        workloads[index].view = nil
        byKey[workloads[index].id] = index
        workloads[index].liveCgroups -= members.count
        workloads[index].knownCgroups -= members.count
        if old.endedAt == nil { end(index, at: now) }
        let isEmpty =
            old.account == Account() && workloads[index].children == 0 && workloads[index].knownCgroups == 0
        if isEmpty { forget(index) }
        return released
    }
}

extension CgroupIdentity {
    /// Containers and pods are; others by where they are.
    var isKnownByID: Bool { kind == .container || kind == .pod }
}
