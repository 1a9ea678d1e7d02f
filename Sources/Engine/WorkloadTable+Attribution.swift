internal import Accounting
internal import Attribution
internal import Workloads

/// What energy is divided by.
extension WorkloadTable {
    /// What each workload did in the window, by index.
    ///
    /// - Parameters:
    ///   - hasClasses: the machine has several kinds of cores, the first being the strongest.
    ///   - hasEvents: cycles, instructions and cache misses are counted.
    func activities(hasClasses: Bool, hasEvents: Bool, into result: inout [WorkloadUsage]) {
        for index in workloads.indices {
            let own = ownCounters[index]
            var activity = WorkloadUsage(id: workloads[index].serial, cpuNanoseconds: ownNanoseconds[index])
            if hasClasses {
                activity.efficiencyNanoseconds = own.cpuNanoseconds - min(own.classNanoseconds[0], own.cpuNanoseconds)
            }
            // Of one whose turns were all left out nothing is known.
            if hasEvents, own.counted[0] > 0 || own.cpuNanoseconds == 0 {
                activity.cycles = own.counted[1]
                activity.instructions = own.counted[2]
                activity.cacheMisses = own.counted[3]
            }
            result.append(activity)
        }
    }

    /// What each workload has to bear of static energy, by index; see ``ZoneAttributor``.
    func claims(_ policy: StaticPolicy) -> [UInt64] {
        workloads.map { workload in
            guard workload.isShown, workload.endedAt == nil, workload.id != Self.endedID else { return 0 }
            switch policy {
            case .none, .cpuTime: return 0
            case .equal:
                // Not what only holds others: pods hang below their namespace, not below the slices they lie in.
                let identity = workload.identity
                let holds = identity.kind == .slice || identity.kind == .cgroup && identity.path.hasPrefix("/kubepods")
                return workload.children == 0 && !holds ? 1 : 0
            case .requests:
                let cpus = workload.labels["k8s.pod.cpu.request"].flatMap(Double.init) ?? 0
                return cpus > 0 && cpus < 1e6 ? UInt64(cpus * 1000) : 0
            }
        }
    }
}
