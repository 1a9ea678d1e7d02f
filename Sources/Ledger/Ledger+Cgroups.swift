package import Accounting
internal import Workloads

/// Cgroups appear, change their names and disappear; workloads get their names.
extension Ledger {
    /// Adds a cgroup. Parents had better come before their children, but need not. Where there is no room for one more
    /// workload, or it lies too deep, it is added up with others.
    package mutating func add(_ cgroup: AccountingSample.Cgroup, at now: Double = 0) {
        tree.add(cgroup, at: now)
        applyTreeChanges()
    }

    /// Adds a cgroup that root made.
    package mutating func add(cgroup id: UInt64, path: String, at now: Double = 0) {
        add(.init(id: id, path: path), at: now)
    }

    /// Notes that a cgroup has another path now. It may be part of another workload then; what it used stays where it
    /// was credited.
    package mutating func rename(cgroup id: UInt64, path: String, at now: Double) {
        tree.rename(cgroup: id, path: path, at: now)
        applyTreeChanges()
    }

    /// Notes that a cgroup was removed.
    package mutating func remove(cgroup id: UInt64, at now: Double) {
        tree.remove(cgroup: id, at: now)
        applyTreeChanges()
    }

    /// Drops a removed cgroup whose counters will not come any more; its workload keeps what it used.
    package mutating func forget(cgroup id: UInt64) {
        guard let slot = tree.forget(cgroup: id) else { return }
        clearReading(slot)
        applyTreeChanges()
    }

    /// Takes in what is now known of a workload. Its key, its counters and its past stay as they are. A pod joins its
    /// namespace and other roll-ups with all it has used: they only ever grow, and their parts add up to them.
    package mutating func describe(_ id: WorkloadID, as facts: [String: String], dimensions: RollUpDimensions) {
        guard let workload = tree[id], workload.facts != facts else { return }
        let place = id.index
        tree.places[place].facts = facts
        changes.insert(place, .description)
        guard workload.identity.isMemberOfNamespace else { return }
        if let namespace = facts["k8s.namespace.name"] { tree.adopt(place, into: namespace) }
        applyTreeChanges()
        rollUps.assign(place, to: dimensions.keys(facts), past: totals[place])
    }

    /// Notes whether the name of a workload may still come.
    package mutating func setAwaitingName(_ id: WorkloadID, _ isAwaiting: Bool) {
        guard let workload = tree[id], workload.isAwaitingName != isAwaiting else { return }
        tree.places[id.index].isAwaitingName = isAwaiting
        changes.insert(id.index, .description)
    }

    /// Notes that what is read of a workload beside the ledger is another.
    package mutating func markChanged(_ id: WorkloadID) {
        if tree[id] != nil { changes.insert(id.index, .totals) }
    }

    /// Identities that appeared or were released since the last call, in this order.
    package mutating func takeIdentityChanges() -> [IdentityChange] {
        defer { identityChanges = [] }
        return identityChanges
    }

    /// Takes in what the last operation on the tree means.
    mutating func applyTreeChanges() {
        while !tree.changes.isEmpty {
            for change in tree.takeChanges() { apply(change) }
        }
    }

    private mutating func apply(_ change: TreeChange) {
        switch change {
        case .added(let place):
            while totals.count <= place {
                totals.append(Totals())
                counters.append(.init())
            }
            // Of the past of any.
            totals[place].since = tree.places[place].key == WorkloadTree.endedKey ? 0 : time
            changes.insert(place, [.totals, .description])
            identityChanges.append(.appeared(tree.id(at: place)))
        case .altered(let place): changes.insert(place, .description)
        case .inherited(let place, let heirs):
            for heir in heirs { inherit(from: place, by: heir) }
        case .displaced(let place):
            rollUps.removeMember(place)
            changes.insert(place, .description)
            // Nothing was used under the false name: nothing is to be shown of it.
            let workload = tree.places[place]
            let isEmpty = totals[place].isZero && workload.childCount == 0 && workload.knownCgroups == 0
            if isEmpty, window.row(ofPlace: place) == nil { retire(place) }
        case .identityReleased(let id, let identity): identityChanges.append(.released(id, identity))
        case .retirableChanged(let place):
            let workload = tree.places[place]
            retention.set(place, endedAt: workload.isShown && workload.isRetirable ? workload.endedAt : nil)
        }
    }
}
