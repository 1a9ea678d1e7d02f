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

    private struct Cgroup {
        /// As read: with everything below it, us.
        var inclusive: UInt64
        /// Its own, ns, since the start.
        var own: UInt64 = 0
    }

    private struct Process {
        var stat: ProcessStat
        var cgroup: UInt64
        /// Since the start, ns.
        var used: UInt64 = 0
    }

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
        activity.beginTick()
        let nodes = try tree?.walk() ?? []
        noteCgroups(nodes, into: &activity)
        let kernelBefore = kernelNanoseconds
        if tracksProcesses { try readProcesses(into: &activity) }
        if let tree {
            readUsage(of: nodes, in: tree, kernelThreads: kernelNanoseconds - kernelBefore, into: &activity)
        } else {
            try readMachine(into: &activity)
        }
        activity.kernelNanoseconds = kernelNanoseconds
        activity.faults = faults
    }

    /// `cpu.stat` includes everything below: a cgroup's own growth is its growth less its children's.
    ///
    /// Growth, not totals, because the time of a child that was removed stays in its parent's total.
    private func readUsage(
        of nodes: [CgroupTree.Node], in tree: CgroupTree, kernelThreads: UInt64, into activity: inout Activity
    ) {
        let isFirst = cgroups.isEmpty
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
            let before = cgroups[node.id]?.inclusive ?? (isFirst ? total : 0)
            let grown = (total > before ? total - before : 0) * 1000
            growth[index] = grown
            if node.parent >= 0 { ofChildren[node.parent] += grown }
            cgroups[node.id, default: Cgroup(inclusive: total)].inclusive = total
        }
        for (index, node) in nodes.enumerated() {
            guard let grown = growth[index], var cgroup = cgroups[node.id] else { continue }
            // Kernel threads live in the root and are shown apart.
            let below = ofChildren[index] + (node.parent < 0 ? kernelThreads : 0)
            cgroup.own += grown > below ? grown - below : 0
            cgroups[node.id] = cgroup
            activity.usage.append(Activity.Usage(cgroup: node.id, cpuNanoseconds: cgroup.own, switches: 0))
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
        }
        pathsToIDs = fresh
    }

    private func readMachine(into activity: inout Activity) throws(HostError) {
        let isFirst = cgroups.isEmpty
        let busy = UInt64(try ProcStat(procfs: paths.procfs).busy * 1e9)
        if isFirst { activity.created.append((Self.wholeMachine, "/")) }
        cgroups[Self.wholeMachine] = Cgroup(inclusive: busy)
        let own = busy > kernelNanoseconds ? busy - kernelNanoseconds : 0
        activity.usage.append(Activity.Usage(cgroup: Self.wholeMachine, cpuNanoseconds: own, switches: 0))
    }

    private func readProcesses(into activity: inout Activity) throws(HostError) {
        let isFirst = processes.isEmpty
        var present: [Int32: Process] = [:]
        for stat in try listProcesses(procfs: paths.procfs) {
            var process = Process(stat: stat, cgroup: Self.wholeMachine)
            if let known = processes[stat.pid], known.stat.startTicks == stat.startTicks {
                process.used = known.used
                process.cgroup = known.cgroup
                let before = known.stat.cpuNanoseconds
                grow(&process, by: stat.cpuNanoseconds > before ? stat.cpuNanoseconds - before : 0)
            } else {
                if !stat.isKernelThread { process.cgroup = cgroup(of: stat.pid) }
                // One that came since the last tick ran all its time in it.
                grow(&process, by: isFirst ? 0 : stat.cpuNanoseconds)
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
                    cgroup: process.cgroup, pid: pid, cpuNanoseconds: process.used, comm: process.stat.comm))
        }
        processes = present
    }

    private func grow(_ process: inout Process, by nanoseconds: UInt64) {
        process.used += nanoseconds
        if process.stat.isKernelThread { kernelNanoseconds += nanoseconds }
    }

    private func cgroup(of pid: Int32) -> UInt64 {
        guard tree != nil, let text = try? readText("\(paths.procfs)/\(pid)/cgroup", limit: 16384),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return Self.wholeMachine }
        return pathsToIDs[String(line.dropFirst(3))] ?? Self.wholeMachine
    }
}
