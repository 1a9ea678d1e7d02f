package import Host

/// Tier C: no kernel programs, only `cpu.stat` and `/proc`. Coarser, blind to processes that live less than a tick,
/// and needs no privilege.
package final class FileAccounting: Accounting {
    package let tier: Tier

    private let paths: HostPaths
    private let tree: CgroupTree?
    private var cgroups: [UInt64: Cgroup] = [:]
    private var pathsToIDs: [String: UInt64] = [:]
    private var processes: [Int32: Process] = [:]
    private var kernelNanoseconds: UInt64 = 0
    private var faults: [String: UInt64] = [:]
    private let tracksProcesses: Bool
    /// False during the first reading, whose past is not counted.
    private var hasBase = false

    private struct Cgroup {
        /// As read: with everything below it, us.
        var inclusive: UInt64
        /// Its own, ns, since the start.
        var own: UInt64 = 0
        /// What was taken for its own but turned out to be a child's, read a moment or a failure later, ns.
        var debt: UInt64 = 0

        /// Adds growth less what others account for; never falls.
        mutating func grow(by growth: UInt64, less others: UInt64) {
            let owed = others + debt
            own += growth > owed ? growth - owed : 0
            debt = owed > growth ? owed - growth : 0
        }
    }

    private struct Process {
        var stat: ProcessStat
        var cgroup: UInt64
        /// Since the start, ns.
        var used: UInt64 = 0
    }

    /// What 100,000 CPUs could use in a minute, us: more is not believed.
    private static let mostPerTick: UInt64 = 6_000_000_000_000
    /// Id of the one workload there is where the machine has no unified hierarchy.
    private static let wholeMachine: UInt64 = 0

    /// - Parameters:
    ///   - tree: nil on a machine without cgroup v2; then everything belongs to one workload, `/`.
    ///   - reason: why this tier, for the user.
    package init(paths: HostPaths, tree: CgroupTree?, reason: String, tracksProcesses: Bool) {
        self.paths = paths
        self.tree = tree
        // Without cgroups, processes are all there is to show.
        self.tracksProcesses = tracksProcesses || tree == nil
        self.tier = Tier(name: "C", reason: reason, isDegraded: true)
    }

    package func read(into activity: inout Activity) throws(HostError) {
        // What can fail comes first: then nothing has changed yet.
        let nodes = try tree?.walk() ?? []
        let stats = tracksProcesses ? try listProcesses(procfs: paths.procfs) : []
        let machine = tree == nil ? try ProcStat(procfs: paths.procfs) : nil
        activity.beginTick()
        noteCgroups(nodes, into: &activity)
        let kernelBefore = kernelNanoseconds
        if tracksProcesses { note(stats, into: &activity) }
        if let tree {
            readUsage(of: nodes, in: tree, kernelThreads: kernelNanoseconds - kernelBefore, into: &activity)
        } else if let machine {
            note(machine, kernelThreads: kernelNanoseconds - kernelBefore, into: &activity)
        }
        hasBase = true
        activity.kernelNanoseconds = kernelNanoseconds
        activity.faults = faults
    }

    /// `cpu.stat` includes everything below: a cgroup's own growth is its growth less its children's.
    ///
    /// Growth, not totals, because the time of a child that was removed stays in its parent's total.
    private func readUsage(
        of nodes: [CgroupTree.Node], in tree: CgroupTree, kernelThreads: UInt64, into activity: inout Activity
    ) {
        let fresh = Set(activity.created.lazy.map(\.id))
        var growth = [UInt64?](repeating: nil, count: nodes.count)
        var ofChildren = [UInt64](repeating: 0, count: nodes.count)
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            guard let total = try? tree.cpuMicroseconds(path: node.path) else {
                faults["cpu_stat_unreadable", default: 0] += 1
                // The parent's growth then holds this one's: pass on what is known of those below.
                if node.parent >= 0 { ofChildren[node.parent] += ofChildren[index] }
                continue
            }
            // One that came since the last tick ran all its time in it; of others the past is not counted.
            let before = cgroups[node.id]?.inclusive ?? (fresh.contains(node.id) && hasBase ? 0 : total)
            let grown = (total > before ? min(total - before, Self.mostPerTick) : 0) * 1000
            growth[index] = grown
            if node.parent >= 0 { ofChildren[node.parent] += grown }
            cgroups[node.id, default: Cgroup(inclusive: total)].inclusive = total
        }
        for (index, node) in nodes.enumerated() {
            guard let grown = growth[index], var cgroup = cgroups[node.id] else { continue }
            // Kernel threads live in the root and are shown apart.
            cgroup.grow(by: grown, less: ofChildren[index] + (node.parent < 0 ? kernelThreads : 0))
            cgroups[node.id] = cgroup
            activity.usage.append(Activity.Usage(cgroup: node.id, counters: UsageCounters(cpuNanoseconds: cgroup.own)))
        }
    }

    /// What came and what went since the last walk.
    private func noteCgroups(_ nodes: [CgroupTree.Node], into activity: inout Activity) {
        guard tree != nil else { return }
        var fresh: [String: UInt64] = [:]
        for node in nodes {
            fresh[node.path] = node.id
            if pathsToIDs[node.path] != node.id { activity.created.append((node.id, node.path)) }
        }
        for (path, id) in pathsToIDs where fresh[path] != id {
            cgroups[id] = nil
            activity.removed.append(id)
            activity.forgotten.append(id)
        }
        pathsToIDs = fresh
    }

    private func note(_ stat: ProcStat, kernelThreads: UInt64, into activity: inout Activity) {
        let busy = UInt64(min(stat.busy * 1e6, 1e18))
        if !hasBase { activity.created.append((Self.wholeMachine, "/")) }
        var machine = cgroups[Self.wholeMachine] ?? Cgroup(inclusive: busy)
        machine.grow(by: (busy - min(machine.inclusive, busy)) * 1000, less: kernelThreads)
        machine.inclusive = max(machine.inclusive, busy)
        cgroups[Self.wholeMachine] = machine
        activity.usage.append(
            Activity.Usage(cgroup: Self.wholeMachine, counters: UsageCounters(cpuNanoseconds: machine.own)))
    }

    private func note(_ stats: [ProcessStat], into activity: inout Activity) {
        var present: [Int32: Process] = [:]
        for stat in stats {
            var process = Process(stat: stat, cgroup: Self.wholeMachine)
            if let known = processes[stat.pid], known.stat.startTicks == stat.startTicks {
                let before = known.stat.cpuNanoseconds
                let growth = stat.cpuNanoseconds > before ? stat.cpuNanoseconds - before : 0
                // It may have moved, and then counts anew; one that sleeps is asked when it runs again.
                let hasRun = growth > 0 && !stat.isKernelThread
                process.cgroup = hasRun ? cgroup(of: stat.pid) : known.cgroup
                process.used = process.cgroup == known.cgroup ? known.used : 0
                grow(&process, by: growth)
            } else {
                if !stat.isKernelThread { process.cgroup = cgroup(of: stat.pid) }
                // One that came since the last tick ran all its time in it.
                grow(&process, by: hasBase ? stat.cpuNanoseconds : 0)
            }
            present[stat.pid] = process
            guard !stat.isKernelThread else { continue }
            activity.processes.append(
                Activity.ProcessUsage(
                    cgroup: process.cgroup, pid: stat.pid, cpuNanoseconds: process.used, comm: stat.comm))
        }
        for (pid, process) in processes where present[pid] == nil && !process.stat.isKernelThread {
            activity.processes.append(
                Activity.ProcessUsage(
                    cgroup: process.cgroup, pid: pid, cpuNanoseconds: process.used, comm: process.stat.comm,
                    hasExited: true))
        }
        processes = present
    }

    private func grow(_ process: inout Process, by nanoseconds: UInt64) {
        process.used += nanoseconds
        if process.stat.isKernelThread { kernelNanoseconds += nanoseconds }
    }

    private func cgroup(of pid: Int32) -> UInt64 {
        guard let tree, let text = try? readText("\(paths.procfs)/\(pid)/cgroup", limit: 16384) else {
            return Self.wholeMachine
        }
        let line = text.split(separator: "\n").first { line in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            return tree.version == .unified
                ? line.hasPrefix("0::") : fields.count == 3 && fields[1].split(separator: ",").contains("cpuacct")
        }
        let path = line?.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last
        return path.flatMap { pathsToIDs[String($0)] } ?? Self.wholeMachine
    }
}
