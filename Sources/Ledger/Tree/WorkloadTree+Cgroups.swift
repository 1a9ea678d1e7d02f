internal import Accounting
internal import Linux
internal import Workloads

/// Cgroups appear, get other paths, and disappear.
extension WorkloadTree {
    /// Adds a cgroup. Parents had better come before their children, but need not. One that lies too deep, or for which
    /// there is no room (``Room``), is added up with others.
    mutating func add(_ cgroup: AccountingSample.Cgroup, at now: Double) {
        if let known = cgroups[cgroup.id] {
            // It was used before its path was known.
            guard places[known.workload].isUnknown else { return }
            if known.isFolded || cgroup.isDeep { return place(cgroup, slot: leave(cgroup.id, at: now), at: now) }
            return rename(cgroup: cgroup.id, path: cgroup.path, at: now)
        }
        place(cgroup, slot: nil, at: now)
    }

    private mutating func place(_ cgroup: AccountingSample.Cgroup, slot: Int?, at now: Double) {
        if let parent = cgroups[cgroup.parent], parent.isFolded {
            return enter(parent.workload, cgroup.id, slot: slot, isFolded: true)
        }
        if cgroup.isDeep {
            return fold(cgroup.id, below: cgroup.path, delegation: cgroup.delegation, slot: slot)
        }
        let identity = identity(ofPath: cgroup.path)
        if let key = identity.key, let known = byKey[key], places[known].identity.path == identity.path {
            claim(known, by: cgroup.delegation)
        } else if !room.admits(cgroup.delegation) {
            return fold(cgroup.id, below: cgroup.path.pathAbove, delegation: cgroup.delegation, slot: slot)
        }
        let isWhole = CgroupIdentity.normalize(cgroup.path) == identity.path
        add(cgroup.id, identity, isWhole: isWhole, slot: slot, delegation: cgroup.delegation, at: now)
    }

    /// Adds a cgroup whose path is not known: its name is lost, its time is not.
    mutating func addUnknown(cgroup id: UInt64) {
        guard unknowns < Self.unknownLimit, room.admits(0) else {
            return fold(id, below: Workload.unknownPath, delegation: 0, slot: nil)
        }
        add(id, .plain(Self.unknownPath(id)), isWhole: true, at: 0)
    }

    private static func unknownPath(_ id: UInt64) -> String { "\(Workload.unknownPath)/\(id)" }

    /// Cgroups that are shown by themselves before their path is known; further ones are added up.
    private static let unknownLimit = 256

    /// Notes that a cgroup was removed. Its workload ends with its last cgroup.
    mutating func remove(cgroup id: UInt64, at now: Double) {
        guard let workload = cgroups[id]?.workload, cgroups[id]?.isRemoved == false else { return }
        cgroups[id]?.isRemoved = true
        places[workload].liveCgroups -= 1
        if places[workload].liveCgroups == 0 { end(workload, at: now) }
    }

    /// Drops a removed cgroup whose counters will not come any more; returns the slot that it had.
    mutating func forget(cgroup id: UInt64) -> Int? {
        guard let cgroup = cgroups[id], cgroup.isRemoved else { return nil }
        cgroups[id] = nil
        freeSlots.append(cgroup.slot)
        places[cgroup.workload].knownCgroups -= 1
        if cgroup.isFolded { folded -= 1 }
        changes.append(.retirableChanged(cgroup.workload))
        return cgroup.slot
    }

    /// Notes that a cgroup has another path now, and so may be part of another workload.
    mutating func rename(cgroup id: UInt64, path: String, at now: Double) {
        guard let cgroup = cgroups[id], !cgroup.isRemoved, !cgroup.isFolded else { return }
        let identity = identity(ofPath: path)
        let isWhole = CgroupIdentity.normalize(path) == identity.path
        let workload = places[cgroup.workload]
        if isWhole, identity.kind == .cgroup, workload.identity.kind == .cgroup, workload.cgroup == id {
            // Known by its number: the same under another name.
            if byPath[workload.identity.path] == cgroup.workload { byPath[workload.identity.path] = nil }
            if workload.isUnknown { unknowns -= 1 }
            places[cgroup.workload].identity = identity
            changes.append(.altered(cgroup.workload))
            byPath[identity.path] = cgroup.workload
            attach(cgroup.workload)
            return
        }
        guard identity.key != workload.identity.key || identity.path != workload.identity.path else { return }
        let slot = leave(id, at: now)
        add(id, identity, isWhole: isWhole, slot: slot, at: now)
    }

    /// Takes a cgroup out of its workload, to be added again; returns its slot.
    mutating func leave(_ id: UInt64, at now: Double) -> Int? {
        guard let cgroup = cgroups.removeValue(forKey: id) else { return nil }
        places[cgroup.workload].knownCgroups -= 1
        if places[cgroup.workload].cgroup == id, places[cgroup.workload].identity.kind == .cgroup {
            // What tells it from others is another's number from now on.
            places[cgroup.workload].cgroup = 0
            changes.append(.altered(cgroup.workload))
        }
        if !cgroup.isRemoved {
            places[cgroup.workload].liveCgroups -= 1
            if places[cgroup.workload].liveCgroups == 0 { end(cgroup.workload, at: now) }
        }
        if cgroup.isFolded { folded -= 1 }
        changes.append(.retirableChanged(cgroup.workload))
        return cgroup.slot
    }

    /// - Parameters:
    ///   - isWhole: the cgroup is the workload's own and not one that folds into it.
    ///   - slot: that the cgroup had before; nil for a new one.
    ///   - delegation: who may have made it; see ``AccountingSample/Cgroup/delegation``.
    mutating func add(
        _ id: UInt64, _ identity: CgroupIdentity, isWhole: Bool, slot: Int? = nil, delegation: UInt64 = 0,
        at now: Double
    ) {
        var identity = identity
        if let place = byPath[identity.path] {
            let known = places[place].identity
            if known.isNamedOnly, identity.kind == .unit {
                identity = known
            } else if known.kind == .unit, identity.isNamedOnly {
                // Its parts show what it is.
                return displace(place, by: id, identity, isWhole, slot: slot, at: now)
            }
        }
        if let key = identity.key, let known = byKey[key], places[known].identity.path != identity.path {
            // Any user who may make cgroups may name them after another user's container, and gets no part of that.
            if hasBetterClaim(identity, than: places[known]) {
                return displace(known, by: id, identity, isWhole, slot: slot, at: now)
            }
            identity = .plain(identity.path)
        }
        let place =
            identity.key.map { byKey[$0] ?? insert(identity, key: $0, cgroup: id, delegation: delegation) }
            ?? plainPlace(identity, for: id, isWhole: isWhole, delegation: delegation)
        if isWhole { places[place].cgroup = id }
        enter(place, id, slot: slot)
    }

    /// The workload of a plain cgroup, which only its number tells from another that had the same path: of the cgroup
    /// itself, or of what is part of it. If its own cgroup has not come yet, it waits for that, under its path.
    private mutating func plainPlace(
        _ identity: CgroupIdentity, for id: UInt64, isWhole: Bool, delegation: UInt64
    ) -> Int {
        let path = identity.path
        let atPath = byPath[path].flatMap { places[$0].identity.kind == .cgroup ? $0 : nil }
        guard isWhole else {
            return atPath
                ?? insert(identity, key: "cgroup:\(path.shortened())", cgroup: 0, delegation: delegation)
        }
        var key = "cgroup:\(id)"
        if let known = byKey[key] {
            if places[known].identity.path == path { return known }
            key += ":\(path.shortened())"
            if let known = byKey[key] { return known }
        }
        guard let atPath, places[atPath].cgroup == 0 else {
            return insert(identity, key: key, cgroup: id, delegation: delegation)
        }
        byKey[places[atPath].key] = nil
        places[atPath].key = key
        byKey[key] = atPath
        return atPath
    }

    /// Makes a cgroup part of a workload.
    mutating func enter(_ place: Int, _ id: UInt64, slot: Int?, isFolded: Bool = false) {
        if slot != nil { regroupings += 1 }
        cgroups[id] = Cgroup(workload: place, slot: slot ?? takeSlot(), isFolded: isFolded)
        if isFolded { folded += 1 }
        places[place].liveCgroups += 1
        places[place].knownCgroups += 1
        // A unit that was started again is the same workload in another cgroup.
        if places[place].endedAt != nil { resume(place) }
        changes.append(.altered(place))
        changes.append(.retirableChanged(place))
    }
}
