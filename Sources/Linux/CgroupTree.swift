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
        /// From the root of the hierarchy, `/` itself for the root; names as ``NameBytes`` encodes them.
        package let path: String
        /// Index of the parent in the walk's result; -1 for the root.
        package let parent: Int
        /// Its real path is longer than the kernel takes one: no file of it can be opened by a path. ``path`` is then
        /// `ABOVE/(deep)/INODE`, ABOVE being the last above it that has a path.
        package let isDeep: Bool
        /// What lies below it could not be listed.
        package var isUnread = false

        package init(id: UInt64, path: String, parent: Int, isDeep: Bool = false, isUnread: Bool = false) {
            self.id = id
            self.path = path
            self.parent = parent
            self.isDeep = isDeep
            self.isUnread = isUnread
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
        let row = lines(of: table).first { $0.hasPrefix("cpuacct\t") }
        guard let number = row?.split(separator: "\t").dropFirst().first.flatMap({ UInt32($0) }), number > 0 else {
            return nil
        }
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

    /// Every cgroup, parents before children. Cgroups that vanish meanwhile are left out; one whose entries cannot be
    /// read is marked, and the others are still walked. Linear in their number; one directory read each.
    ///
    /// Throws only where the root itself cannot be read.
    package func walk() throws(HostError) -> [Node] {
        var walk = CgroupWalk(root: root, mark: mark)
        try walk.run()
        return walk.nodes
    }

    /// CPU time of a cgroup and everything below it, as the kernel itself accounts it, us. `cpu.stat usage_usec`, and
    /// `cpuacct.usage` in version 1.
    package func cpuMicroseconds(path: String) throws(HostError) -> UInt64 {
        let directory = root + (path == "/" ? "" : path)
        guard version == .unified else { return try readNumber(directory + "/cpuacct.usage") / 1000 }
        let file = directory + "/cpu.stat"
        for line in lines(of: try readText(file)) where line.hasPrefix("usage_usec ") {
            if let value = UInt64(line.dropFirst("usage_usec ".count)) { return value }
        }
        throw .malformed(file, "no usage_usec")
    }
}
