internal import Accounting
internal import Workloads

/// The ledger of an earlier run of the agent.
extension Ledger {
    /// Takes up an earlier run's ledger, before any cgroup is known. Its workloads are taken to have ended until their
    /// cgroups are found.
    ///
    /// - Parameter commands: false where processes are not accounted any more.
    package mutating func restore(_ state: LedgerState, commands: Bool = true) {
        node = state.node
        var places: [Int] = []
        for workload in state.workloads {
            let place =
                workload.id == WorkloadTree.endedKey
                ? tree.endedPlace()
                : tree.insert(identity(of: workload), key: workload.id, cgroup: workload.cgroup, attaches: false)
            places.append(place)
            tree.restoreParent(workload.parent.map { places[$0] }, of: place)
            applyTreeChanges()
            totals[place] = workload.totals
            counters[place] = workload.counters
            rollUps.restore(workload.dimensions, of: place)
            if workload.id != WorkloadTree.endedKey { tree.restoreEnd(of: place) }
        }
        for place in places where tree.places[place].key != WorkloadTree.endedKey { tree.attach(place) }
        applyTreeChanges()
        rollUps.restore(state.groups)
        if commands { processes.commands.restore(state.commands) }
    }

    /// Drops those counters of an earlier run that have another meaning in this one.
    package mutating func reinterpret(from before: LedgerState.Meaning, to now: LedgerState.Meaning) {
        for place in counters.indices {
            if before.events != now.events { counters[place].counted = .zero }
            if before.classes != now.classes { counters[place].classNanoseconds = .zero }
        }
    }

    private func identity(of workload: LedgerState.Workload) -> CgroupIdentity {
        // Some are known by what lies in them only.
        for path in [workload.path, workload.path + "/payload"] {
            let identity = tree.identity(ofPath: path)
            if identity.path == workload.path, identity.key ?? "cgroup:\(workload.cgroup)" == workload.id {
                return identity
            }
        }
        // Not known by its path alone, or by its path and displaced.
        var plain = CgroupIdentity.plain(workload.path)
        plain.kind = CgroupIdentity.Kind(rawValue: workload.kind) ?? .cgroup
        plain.name = workload.name
        return plain
    }
}

extension WorkloadTree {
    /// Puts a workload below the one that it was saved below, which has its past already.
    mutating func restoreParent(_ parent: Int?, of place: Int) {
        guard places[place].parent != parent else { return }
        if let wrong = places[place].parent { removeChild(from: wrong) }
        if let parent { addChild(to: parent) }
        places[place].parent = parent
    }

    /// Marks a workload as ended before this run.
    mutating func restoreEnd(of place: Int) {
        places[place].endedAt = 0
        changes.append(.retirableChanged(place))
    }
}
