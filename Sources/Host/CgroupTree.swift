/// One cgroup hierarchy of the machine: the unified one (version 2), or that of `cpuacct` (version 1).
package struct CgroupTree: Sendable {
    package enum Version: Sendable, Equatable {
        case unified
        /// `number` as in `/proc/cgroups`.
        case cpuacct(number: UInt32)
    }

    /// Where it is mounted.
    package let root: String
    package let version: Version

    /// A cgroup. Its id is the inode number of its directory, and ``legacyBit`` where it is of version 1: each hierarchy
    /// counts for itself.
    package struct Node: Sendable, Equatable {
        package let id: UInt64
        /// From the root of the hierarchy, `/` itself for the root.
        package let path: String
        /// Index of the parent in the walk's result; -1 for the root.
        package let parent: Int

        package init(id: UInt64, path: String, parent: Int) {
            self.id = id
            self.path = path
            self.parent = parent
        }
    }

    /// Set in the ids of cgroups of version 1. Inode numbers do not come near it.
    package static let legacyBit: UInt64 = 1 << 63

    /// Finds the unified hierarchy below `cgroupfs`: there itself, or in `unified` on a hybrid machine. nil where the
    /// machine has only version 1.
    package init?(cgroupfs: String) {
        let candidates = [cgroupfs, cgroupfs + "/unified"]
        guard let root = candidates.first(where: { fileExists($0 + "/cgroup.controllers") }) else { return nil }
        self.root = root
        version = .unified
    }

    /// Finds the version 1 hierarchy with the controller `cpuacct`; nil where there is none.
    package init?(legacyBelow cgroupfs: String, procfs: String) {
        guard let table = try? readText(procfs + "/cgroups") else { return nil }
        let row = table.split(separator: "\n").first { $0.hasPrefix("cpuacct\t") }
        guard let number = row.flatMap({ UInt32($0.split(separator: "\t")[1]) }), number > 0 else { return nil }
        let candidates = ["cpuacct", "cpu,cpuacct", "cpuacct,cpu"].map { "\(cgroupfs)/\($0)" }
        guard let root = candidates.first(where: { fileExists($0 + "/cpuacct.usage") }) else { return nil }
        self.root = root
        version = .cpuacct(number: number)
    }

    /// The hierarchies that there are, the unified one first.
    package static func all(_ paths: HostPaths) -> [CgroupTree] {
        [CgroupTree(cgroupfs: paths.cgroupfs), CgroupTree(legacyBelow: paths.cgroupfs, procfs: paths.procfs)]
            .compactMap { $0 }
    }

    /// True where the mount shows the whole machine: the root cgroup alone has no `cgroup.type`. Inside a cgroup
    /// namespace it shows only a part.
    package var isHostRoot: Bool { !fileExists(root + "/cgroup.type") }

    private var mark: UInt64 { version == .unified ? 0 : Self.legacyBit }

    /// Every cgroup, parents before children. Cgroups that vanish meanwhile are left out. Linear in their number;
    /// one directory read each.
    package func walk() throws(HostError) -> [Node] {
        var nodes = [Node(id: mark | (try inode(of: root)), path: "/", parent: -1)]
        var next = 0
        while next < nodes.count {
            let parent = nodes[next]
            let prefix = parent.path == "/" ? "/" : parent.path + "/"
            for entry in try children(of: parent.path) where entry.isDirectory {
                nodes.append(Node(id: mark | entry.inode, path: prefix + entry.name, parent: next))
            }
            next += 1
        }
        return nodes
    }

    /// Nothing of one that vanished meanwhile or that is closed to us; what else fails must not pass for that.
    private func children(of path: String) throws(HostError) -> [DirectoryEntry] {
        do {
            return try listDirectory(root + path)
        } catch {
            guard error.code == .missing || error.code == .permission else { throw error }
            return []
        }
    }

    /// CPU time of a cgroup and everything below it, as the kernel itself accounts it, us. `cpu.stat usage_usec`, and
    /// `cpuacct.usage` in version 1.
    package func cpuMicroseconds(path: String) throws(HostError) -> UInt64 {
        let directory = root + (path == "/" ? "" : path)
        guard version == .unified else { return try readNumber(directory + "/cpuacct.usage") / 1000 }
        let file = directory + "/cpu.stat"
        for line in try readText(file).split(separator: "\n") where line.hasPrefix("usage_usec ") {
            if let value = UInt64(line.dropFirst("usage_usec ".count)) { return value }
        }
        throw .malformed(file, "no usage_usec")
    }
}
