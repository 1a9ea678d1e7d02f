package import Linux

/// CPU time, from the most exact source that this machine has.
package struct CPUClock: Sendable {
    private let paths: HostPaths
    private let watched: [String]
    private let tree: CgroupTree?
    /// The counter of the whole machine, where the old hierarchy has one.
    private let wholeMachine: String?
    private var last: [String: UInt64] = [:]
    private var lastBusy: Double?

    /// - Parameter watched: paths of the cgroups whose time is read separately; they need not exist yet.
    package init(paths: HostPaths, watched: [String]) {
        self.paths = paths
        self.watched = watched
        tree = CgroupTree(cgroupfs: paths.cgroupfs)
        wholeMachine = ["cpuacct", "cpu,cpuacct"].map { "\(paths.cgroupfs)/\($0)/cpuacct.usage" }.first(
            where: fileExists)
    }

    /// CPU time since the last call, s: of everything, and of the watched cgroups. The first call returns zeros.
    package mutating func read() -> (busy: Double, workloads: [String: Double]) {
        var used: [String: Double] = [:]
        for path in watched { used[path] = advance(path) }
        guard let now = total() else { return (used.values.reduce(0, +), used) }
        defer { lastBusy = now }
        return (max(now - (lastBusy ?? now), used.values.reduce(0, +)), used)
    }

    private mutating func advance(_ path: String) -> Double {
        // One that is made later begins at zero; one that was there has a past.
        guard let now = try? tree?.cpuMicroseconds(path: path) else {
            if lastBusy != nil { last[path] = last[path] ?? 0 }
            return 0
        }
        let before = last.updateValue(now, forKey: path) ?? (lastBusy == nil ? now : 0)
        return now >= before ? Double(now - before) / 1e6 : Double(now) / 1e6
    }

    /// Since boot, s. `/proc/stat` counts whole clock ticks and is used where nothing better exists.
    private func total() -> Double? {
        if let wholeMachine, let nanoseconds = try? readNumber(wholeMachine) { return Double(nanoseconds) / 1e9 }
        if let tree, tree.isHostRoot, let top = try? listDirectory(tree.root).filter(\.isDirectory), top.count > 2 {
            return top.reduce(0) { $0 + Double((try? tree.cpuMicroseconds(path: "/" + $1.name)) ?? 0) / 1e6 }
        }
        return try? ProcStat(procfs: paths.procfs).busy
    }
}
