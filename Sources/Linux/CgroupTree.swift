/// One cgroup hierarchy of the machine: the unified one (version 2), or that of `cpuacct` (version 1).
package struct CgroupTree: Sendable, Equatable {
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
        /// Number of the parent in the walk, from 0; -1 for the root.
        package let parent: Int
        /// Id of the parent; 0 for the root.
        package let above: UInt64
        /// It lies too deep for a path of its own (``CgroupTree/fits(pathBytes:depth:)``): ``path`` is then that of the
        /// last above it that has one.
        package let isDeep: Bool
        /// What lies below it could not be listed.
        package var isUnread = false
        /// Id of the topmost directory above it that belongs to another user than the root of the hierarchy does, and who
        /// may have made this one; 0 where there is none.
        package let delegation: UInt64
        /// How far it is from the root, also where it is deep.
        package let level: Int

        package init(
            id: UInt64, path: String, parent: Int, above: UInt64 = 0, isDeep: Bool = false, isUnread: Bool = false,
            delegation: UInt64 = 0, level: Int = 0
        ) {
            self.id = id
            self.path = path
            self.parent = parent
            self.above = above
            self.isDeep = isDeep
            self.isUnread = isUnread
            self.delegation = delegation
            self.level = level
        }
    }

    /// True where a cgroup has a path of its own. What lies deeper is part of the last that fits: users may make paths as
    /// long and as deep as they like, and what a cgroup costs must not depend on what lies above it. Container engines
    /// in container engines need ten levels and 600 bytes.
    package static func fits(pathBytes: Int, depth: Int) -> Bool { pathBytes <= 1000 && depth <= 32 }

    /// The longest beginning of a path, in whole names, that ``fits(pathBytes:depth:)``; the path itself where it fits.
    package static func fitting(_ path: String) -> String {
        let bytes = path.utf8
        var (depth, size, end) = (0, 0, bytes.startIndex)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "/") && index > bytes.startIndex {
            depth += 1
            size = bytes.distance(from: bytes.startIndex, to: index)
            guard fits(pathBytes: size, depth: depth) else { return String(Substring(bytes[..<end])) }
            end = index
        }
        if fits(pathBytes: bytes.count, depth: depth + 1) { return path }
        return end == bytes.startIndex ? "/" : String(Substring(bytes[..<end]))
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

    /// A walk through the tree, which begins with its first step. Cgroups that vanish meanwhile are left out; one whose
    /// entries cannot be read is marked, and the others are still walked. Linear in their number; one directory read each.
    package func startWalk(_ scope: CgroupWalk.Scope = .init()) -> CgroupWalk {
        CgroupWalk(root: root, mark: mark, scope: scope)
    }

    /// Every cgroup, parents before children.
    ///
    /// Throws only where the root itself cannot be read.
    package func walk(_ scope: CgroupWalk.Scope = .init()) throws(HostError) -> [Node] {
        var nodes: [Node] = []
        let walk = startWalk(scope)
        _ = try walk.step(.max) { nodes.append($0) }
        for late in walk.lateUnread { nodes[late.number].isUnread = true }
        return nodes
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
