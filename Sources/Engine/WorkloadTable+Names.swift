internal import Accounting
internal import Workloads

/// Workloads get names, and pods their place in namespaces and other roll-ups. Whatever was used before the name came
/// is taken along: a roll-up only ever grows, and its parts always add up to it.
extension WorkloadTable {
    /// Takes in what is now known of a workload. Its id, its counters and its past stay as they are.
    mutating func describe(_ index: Int, as facts: [String: String], dimensions: RollUpDimensions) {
        guard workloads[index].isShown, workloads[index].facts != facts else { return }
        // What was told before may not be told any more.
        if !workloads[index].facts.isEmpty { workloads[index].labels = workloads[index].identity.labels }
        workloads[index].facts = facts
        workloads[index].labels.merge(facts) { $1 }
        workloads[index].view = nil
        guard workloads[index].identity.isMemberOfNamespace else { return }
        if let namespace = facts["k8s.namespace.name"] { adopt(index, into: namespace) }
        regroup(index, dimensions)
    }

    /// A pod has one namespace for life; the first that is told holds.
    private mutating func adopt(_ index: Int, into namespace: String) {
        guard workloads[index].parent == nil else { return }
        let identity = CgroupIdentity.namespace(namespace)
        let key = identity.key ?? ""
        let parent = byKey[key] ?? insert(identity, key: key, cgroup: 0)
        workloads[index].parent = parent
        workloads[parent].children += 1
        workloads[parent].account.inherit(workloads[index].account)
        workloads[parent].counters += workloads[index].counters
        workloads[parent].view = nil
        if workloads[index].endedAt == nil {
            workloads[parent].liveCgroups += 1
            workloads[parent].endedAt = nil
        } else if workloads[parent].liveCgroups == 0 {
            workloads[parent].endedAt = workloads[index].endedAt
        }
    }

    /// Labels may change: from then on the energy goes elsewhere, what was used before stays where it was.
    private mutating func regroup(_ index: Int, _ dimensions: RollUpDimensions) {
        let before = workloads[index].groups
        var after: [Int] = []
        for key in dimensions.keys(workloads[index].facts) {
            let group = groups.join(key)
            if workloads[index].dimensions.insert(key.dimension).inserted {
                groups.inherit(group, workloads[index].account)
            }
            after.append(group)
        }
        for group in before { groups.leave(group) }
        workloads[index].groups = after
    }

    mutating func end(_ index: Int, at now: Double) {
        workloads[index].endedAt = now
        workloads[index].view = nil
        guard let parent = workloads[index].parent, workloads[parent].identity.kind == .namespace else { return }
        workloads[parent].liveCgroups -= 1
        if workloads[parent].liveCgroups == 0 { end(parent, at: now) }
    }

    mutating func resume(_ index: Int) {
        workloads[index].endedAt = nil
        workloads[index].view = nil
        guard let parent = workloads[index].parent, workloads[parent].identity.kind == .namespace else { return }
        workloads[parent].liveCgroups += 1
        workloads[parent].endedAt = nil
        workloads[parent].view = nil
    }
}

extension CgroupIdentity {
    /// Pods, and containers of pods that have no cgroup of their own.
    var isMemberOfNamespace: Bool { kind == .pod || podUID != nil && podPath == nil }
}
