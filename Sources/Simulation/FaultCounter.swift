package import Linux

/// Page faults of this machine: what the simulated memory is charged for.
package struct FaultCounter: Sendable {
    private let paths: HostPaths
    private let watched: [String]
    private let tree: CgroupTree?
    /// Faults so far by process, those of its children that ended included.
    private var last: [Int32: Double] = [:]
    private var lastTotal: Double?

    /// - Parameter watched: paths of the cgroups whose faults are counted separately; they need not exist yet.
    package init(paths: HostPaths, watched: [String]) {
        self.paths = paths
        self.watched = watched
        tree = CgroupTree(cgroupfs: paths.cgroupfs)
    }

    /// Faults since the last call: of everything, and of the watched cgroups. The first call returns zeros.
    ///
    /// A process that is never waited for, or that ends between two calls, counts for the machine only.
    package mutating func read() -> (all: Double, workloads: [String: Double]) {
        var faults: [String: Double] = [:]
        var seen: [Int32: Double] = [:]
        for path in watched {
            faults[path] = 0
            guard let tree, let pids = try? readText("\(tree.root)\(path)/cgroup.procs") else { continue }
            for pid in pids.split(separator: "\n").compactMap({ Int32($0) }) {
                guard let now = faultsOf(pid) else { continue }
                seen[pid] = now
                // A new one's are its own: a child of a watched process begins at zero.
                faults[path, default: 0] += max(0, now - (last[pid] ?? (lastTotal == nil ? now : 0)))
            }
        }
        last = seen
        let sum = faults.values.reduce(0, +)
        guard let now = total() else { return (sum, faults) }
        defer { lastTotal = now }
        return (max(now - (lastTotal ?? now), sum), faults)
    }

    /// minflt and cminflt of proc(5).
    private func faultsOf(_ pid: Int32) -> Double? {
        guard let line = try? readText("\(paths.procfs)/\(pid)/stat"),
            let end = line.utf8.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = line[end...].split(separator: " ")
        guard fields.count > 9, let ofProcess = Double(fields[8]), let children = Double(fields[9]) else { return nil }
        return ofProcess + children
    }

    /// Since boot.
    private func total() -> Double? {
        guard let text = try? readText(paths.procfs + "/vmstat") else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix("pgfault ") }.flatMap { Double($0.dropFirst(8)) }
    }
}
