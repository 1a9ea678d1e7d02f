internal import Workloads

/// Which of two cgroups an identity belongs to.
extension WorkloadTree {
    /// What a cgroup is. Any user may name one after a container, but only root makes one in a directory of root's.
    func identity(ofPath path: String) -> CgroupIdentity {
        CgroupIdentity(cgroupPath: path, groundOf: grounds.ground(of:))
    }

    /// Whether an identity belongs rather to a new cgroup than to the workload that has it: what root made comes first,
    /// then what lives, then what lies in a pod.
    func hasBetterClaim(_ identity: CgroupIdentity, than other: Workload) -> Bool {
        switch (identity.userID, other.identity.userID) {
        case (nil, _?): true
        case (_?, nil): false
        case (let user, let before):
            // Started again by other means, such as another cgroup driver: the same container in another place.
            user == before && other.endedAt != nil || identity.podUID != nil && other.identity.podUID == nil
        }
    }

    /// Gives a workload's identity to another cgroup. What was used under it stays where it was credited; from now on
    /// its cgroups are plain ones.
    mutating func displace(
        _ place: Int, by id: UInt64, _ identity: CgroupIdentity, _ isWhole: Bool, slot: Int?, at now: Double
    ) {
        let released = release(place, at: now)
        add(id, identity, isWhole: isWhole, slot: slot, at: now)
        for member in released {
            add(member.id, member.identity, isWhole: member.isWhole, slot: member.slot, at: now)
        }
    }

    private typealias Released = (id: UInt64, slot: Int, identity: CgroupIdentity, isWhole: Bool)

    /// Ends a workload and those below it, which would otherwise be credited to it from now on, under names that mean
    /// nothing. Returns their cgroups, parents first. Linear in the number of workloads and cgroups: a forged name is
    /// rare.
    private mutating func release(_ place: Int, at now: Double) -> [Released] {
        let old = places[place]
        let members = cgroups.filter { $0.value.workload == place && !$0.value.isRemoved }.sorted { $0.key < $1.key }
        for (member, _) in members { cgroups[member] = nil }
        var released = members.map { Released($0.key, $0.value.slot, old.identity, old.cgroup == $0.key) }
        for child in places.indices where places[child].isShown && places[child].parent == place {
            released += release(child, at: now)
        }
        releaseIdentity(of: place)
        repeat { displacements += 1 } while byKey["displaced:\(displacements)"] != nil
        places[place].key = "displaced:\(displacements)"
        places[place].identity = .plain(old.identity.path)
        // It shares its number with no other workload.
        places[place].cgroup = 0
        places[place].facts = [:]
        byKey[places[place].key] = place
        places[place].liveCgroups -= members.count
        places[place].knownCgroups -= members.count
        if old.endedAt == nil { end(place, at: now) }
        changes.append(.displaced(place))
        return released
    }
}
