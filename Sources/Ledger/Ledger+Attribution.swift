internal import Accounting
package import Attribution
internal import Workloads

/// What energy is divided by.
extension Ledger {
    /// Fills `usage` with what each workload did in the window, and `weights` with what each has to bear of static
    /// energy; see ``ZoneAttributor``. Workloads that neither ran nor bear anything are left out, so this is
    /// O(active workloads) with the policies `none` and `cpuTime`, O(workloads) with the others.
    ///
    /// - Parameters:
    ///   - hasClasses: the machine has several kinds of cores, the first being the strongest.
    ///   - hasEvents: cycles, instructions and cache misses are counted.
    package mutating func usage(
        hasClasses: Bool, hasEvents: Bool, policy: StaticPolicy, into usage: inout [WorkloadUsage],
        weights: inout [UInt64]
    ) {
        usage.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
        if policy == .equal || policy == .requests { weighStatic(policy, into: &weights) }
        for row in window.rows {
            let number = tree.id(at: row.place).number
            var used = WorkloadUsage(id: number, cpuNanoseconds: row.cpuNanoseconds)
            if hasClasses {
                let all = row.counters.cpuNanoseconds
                used.efficiencyNanoseconds = all - min(row.counters.classNanoseconds[0], all)
            }
            // Of one whose runs on a CPU were all left out nothing is known.
            if hasEvents, row.counters.counted[0] > 0 || row.counters.cpuNanoseconds == 0 {
                used.cycles = row.counters.counted[1]
                used.instructions = row.counters.counted[2]
                used.cacheMisses = row.counters.counted[3]
            }
            usage.append(used)
        }
    }

    /// Every workload that bears static energy gets a row of the window.
    private mutating func weighStatic(_ policy: StaticPolicy, into weights: inout [UInt64]) {
        for place in tree.places.indices {
            let weight = staticWeight(of: tree.places[place], policy)
            guard weight > 0 else { continue }
            let row = window.demandRow(ofPlace: place)
            if row >= weights.count {
                weights.append(contentsOf: repeatElement(0, count: row + 1 - weights.count))
            }
            weights[row] = weight
        }
        weights.append(contentsOf: repeatElement(0, count: max(0, window.rows.count - weights.count)))
    }

    private func staticWeight(of workload: Workload, _ policy: StaticPolicy) -> UInt64 {
        guard workload.isShown, workload.endedAt == nil, workload.key != WorkloadTree.endedKey else { return 0 }
        switch policy {
        case .none, .cpuTime: return 0
        case .equal:
            // Not what only holds others: pods hang below their namespace, not below the slices that they lie in.
            let identity = workload.identity
            let holds = identity.kind == .slice || identity.kind == .cgroup && identity.path.hasPrefix("/kubepods")
            return workload.childCount == 0 && !holds ? 1 : 0
        case .requests:
            let cpus = workload.facts["k8s.pod.cpu.request"].flatMap(Double.init) ?? 0
            return cpus > 0 && cpus < 1e6 ? UInt64(cpus * 1000) : 0
        }
    }
}
