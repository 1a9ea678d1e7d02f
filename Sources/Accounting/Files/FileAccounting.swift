package import Linux
internal import Units

/// Tier `procfs`: no kernel programs, only `cpu.stat` and `/proc`. Coarser, blind to processes that live less than a tick,
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
        /// As read, including everything below it, us.
        var inclusive: UInt64
        /// Without what is below it, since the start, ns.
        var exclusive: UInt64 = 0
        /// What was counted in ``exclusive`` but turned out to be a child's, read a moment or a failure later, ns.
        var debt: UInt64 = 0

        /// Adds growth less what others account for; never falls.
        ///
        /// - Parameter room: upper limit of what all cgroups together can have used.
        mutating func grow(by growth: UInt64, less others: UInt64, room: inout UInt64) {
            let owed = others.saturatingPlus(debt)
            let step = growth > owed ? min(growth - owed, room) : 0
            room -= step
            exclusive = exclusive.saturatingPlus(step)
            // The debt is bounded by what was counted here plus a moment's worth: beyond that the files contradict each
            // other, and the cgroup must not be charged too little for ever.
            debt = owed > growth ? min(owed - growth, exclusive.saturatingPlus(Self.moment)) : 0
        }

        /// Files are read one after the other, ns of CPU time.
        private static let moment: UInt64 = 1_000_000_000
    }

    private struct Process {
        var stat: ProcessStat
        var cgroup: UInt64
        /// Since the start, ns.
        var used: UInt64 = 0
        /// Of a kernel thread.
        var place = KernelPlace.root
    }

    /// Where a kernel thread lives. It is looked up once: they do not move.
    private enum KernelPlace {
        /// In the root cgroup: part of no workload but of the system.
        case root
        /// Part of the system too, but outside of the visible cgroups.
        case outside
        /// In another cgroup, such as vhost's in that of its virtual machine, and charged to it.
        case cgroup
    }

    /// What 100,000 CPUs could use in a minute, us: more than that, for one cgroup or for all, is implausible.
    private static let maxPerTick: UInt64 = 6_000_000_000_000
    /// What is not visited is counted by the kernel in what lies above it, and stays there.
    private static let scope: CgroupWalk.Scope = {
        var scope = CgroupWalk.Scope()
        scope.includesDeep = false
        scope.perDelegation = 500
        return scope
    }()
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
        self.tier = Tier(.procfs, reason: reason, isDegraded: true)
    }

    package func read(into sample: inout AccountingSample) throws(HostError) {
        // What can fail comes first: then nothing has changed yet.
        let nodes = try tree?.walk(Self.scope) ?? []
        let stats = tracksProcesses ? try listProcesses(procfs: paths.procfs) : []
        let machine = tree == nil ? try ProcStat(procfs: paths.procfs) : nil
        sample.beginTick()
        noteCgroups(nodes, into: &sample)
        let rootThreads = tracksProcesses ? readProcesses(stats, into: &sample) : 0
        if let tree {
            readUsage(of: nodes, in: tree, kernelThreads: rootThreads, into: &sample)
        } else if let machine {
            readMachine(machine, kernelThreads: rootThreads, into: &sample)
        }
        hasBase = true
        sample.kernelNanoseconds = kernelNanoseconds
        sample.faults = faults
    }

    /// `cpu.stat` includes everything below: a cgroup's own growth is its growth less its children's.
    ///
    /// Growth, not totals, because the time of a child that was removed stays in its parent's total.
    private func readUsage(
        of nodes: [CgroupTree.Node], in tree: CgroupTree, kernelThreads: UInt64, into sample: inout AccountingSample
    ) {
        let fresh = Set(sample.created.lazy.map(\.id))
        var growth = [UInt64?](repeating: nil, count: nodes.count)
        var ofChildren = [UInt64](repeating: 0, count: nodes.count)
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            // What cannot be opened counts as its parent's.
            if node.isDeep { continue }
            guard let total = try? tree.cpuMicroseconds(path: node.path) else {
                faults["cpu_stat_unreadable", default: 0] += 1
                // The parent's growth then holds this one's: pass on what is known of those below.
                if node.parent >= 0 {
                    ofChildren[node.parent] = ofChildren[node.parent].saturatingPlus(ofChildren[index])
                }
                continue
            }
            // One that came since the last tick ran all its time in it; of others the past is not counted.
            let before = cgroups[node.id]?.inclusive ?? (fresh.contains(node.id) && hasBase ? 0 : total)
            let grown = (total > before ? min(total - before, Self.maxPerTick) : 0) * 1000
            growth[index] = grown
            if node.parent >= 0 { ofChildren[node.parent] = ofChildren[node.parent].saturatingPlus(grown) }
            cgroups[node.id, default: Cgroup(inclusive: total)].inclusive = total
        }
        var room = Self.maxPerTick * 1000
        for (index, node) in nodes.enumerated() {
            guard let grown = growth[index], var cgroup = cgroups[node.id] else { continue }
            // The kernel threads that live in the root are shown apart.
            let others = ofChildren[index].saturatingPlus(node.parent < 0 ? kernelThreads : 0)
            let before = cgroup.exclusive
            cgroup.grow(by: grown, less: others, room: &room)
            cgroups[node.id] = cgroup
            guard cgroup.exclusive != before else { continue }
            sample.usage.append(
                AccountingSample.Usage(cgroup: node.id, counters: UsageCounters(cpuNanoseconds: cgroup.exclusive)))
        }
    }

    /// What came and what went since the last walk.
    private func noteCgroups(_ nodes: [CgroupTree.Node], into sample: inout AccountingSample) {
        guard tree != nil else { return }
        var fresh: [String: UInt64] = [:]
        let unread = UnreadPaths(nodes)
        if unread.count > 0 { faults["cgroup_directories_unread", default: 0] += UInt64(unread.count) }
        for node in nodes where !node.isDeep {
            fresh[node.path] = node.id
            if pathsToIDs[node.path] != node.id { sample.created.append(.init(node)) }
        }
        for (path, id) in pathsToIDs where fresh[path] != id {
            // Whether it is gone is unknown; what it uses meanwhile belongs to the cgroup that could not be read.
            if fresh[path] == nil, unread.mayHold(path) {
                fresh[path] = id
                continue
            }
            cgroups[id] = nil
            sample.removed.append(id)
            sample.forgotten.append(id)
        }
        pathsToIDs = fresh
    }

    private func readMachine(_ stat: ProcStat, kernelThreads: UInt64, into sample: inout AccountingSample) {
        let busy = UInt64(min(stat.busy * 1e6, 1e18))
        if !hasBase { sample.created.append(.init(id: Self.wholeMachine, path: "/")) }
        var machine = cgroups[Self.wholeMachine] ?? Cgroup(inclusive: busy)
        var room = Self.maxPerTick * 1000
        let grown = min(busy - min(machine.inclusive, busy), Self.maxPerTick) * 1000
        let before = machine.exclusive
        machine.grow(by: grown, less: kernelThreads, room: &room)
        machine.inclusive = max(machine.inclusive, busy)
        cgroups[Self.wholeMachine] = machine
        guard machine.exclusive != before else { return }
        sample.usage.append(
            AccountingSample.Usage(
                cgroup: Self.wholeMachine, counters: UsageCounters(cpuNanoseconds: machine.exclusive)))
    }

    /// Updates the processes. Returns what kernel threads of the root cgroup have used since the last tick, ns.
    private func readProcesses(_ stats: [ProcessStat], into sample: inout AccountingSample) -> UInt64 {
        var present: [Int32: Process] = [:]
        var (ofRoot, ofSystem) = (UInt64(0), UInt64(0))
        func grow(_ process: inout Process, by nanoseconds: UInt64) {
            process.used = process.used.saturatingPlus(nanoseconds)
            guard process.stat.isKernelThread, process.place != .cgroup else { return }
            ofSystem = ofSystem.saturatingPlus(nanoseconds)
            if process.place == .root { ofRoot = ofRoot.saturatingPlus(nanoseconds) }
        }
        for stat in stats {
            var process = Process(stat: stat, cgroup: Self.wholeMachine)
            if let known = processes[stat.pid], known.stat.startTicks == stat.startTicks {
                let before = known.stat.cpuNanoseconds
                let growth = stat.cpuNanoseconds > before ? stat.cpuNanoseconds - before : 0
                // It may have moved, and is counted anew then; a sleeping process is checked when it runs again.
                let hasRun = growth > 0 && !stat.isKernelThread
                process.cgroup = hasRun ? cgroup(of: stat.pid) : known.cgroup
                process.used = process.cgroup == known.cgroup ? known.used : 0
                process.place = known.place
                grow(&process, by: growth)
            } else {
                if stat.isKernelThread {
                    process.place = place(ofKernelThread: stat.pid)
                } else {
                    process.cgroup = cgroup(of: stat.pid)
                }
                // A process that started since the last tick used all its time in this window.
                grow(&process, by: hasBase ? stat.cpuNanoseconds : 0)
            }
            present[stat.pid] = process
            guard !stat.isKernelThread else { continue }
            sample.processes.append(
                AccountingSample.ProcessUsage(
                    cgroup: process.cgroup, pid: stat.pid, cpuNanoseconds: process.used, comm: stat.comm))
        }
        for (pid, process) in processes where present[pid] == nil && !process.stat.isKernelThread {
            sample.processes.append(
                AccountingSample.ProcessUsage(
                    cgroup: process.cgroup, pid: pid, cpuNanoseconds: process.used, comm: process.stat.comm,
                    hasExited: true))
        }
        processes = present
        let most = Self.maxPerTick * 1000
        kernelNanoseconds = kernelNanoseconds.saturatingPlus(min(ofSystem, most))
        return min(ofRoot, most)
    }

    private func cgroup(of pid: Int32) -> UInt64 {
        guard let path = path(of: pid).map(CgroupTree.fitting) else { return Self.wholeMachine }
        // A cgroup that appeared since the walk, or that is too deep, counts with the one above it.
        return pathsToIDs[path] ?? path.pathsAbove.lazy.compactMap { self.pathsToIDs[$0] }.first ?? Self.wholeMachine
    }

    private func place(ofKernelThread pid: Int32) -> KernelPlace {
        guard let path = path(of: pid), path != "/" else { return .root }
        // Paths outside of the cgroup namespace begin like this.
        return path == "/.." || path.utf8.starts(with: "/../".utf8) ? .outside : .cgroup
    }

    /// The cgroup's path in the hierarchy that is read. `/proc/PID/cgroup`
    private func path(of pid: Int32) -> String? {
        guard let tree, let text = try? readFile("\(paths.procfs)/\(pid)/cgroup", limit: 16384) else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isOurs =
                tree.version == .unified
                ? fields[0].elementsEqual("0".utf8) && fields[1].isEmpty
                : fields[1].split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("cpuacct".utf8) }
            if isOurs { return NameBytes.text(fields[2]) }
        }
        return nil
    }
}
