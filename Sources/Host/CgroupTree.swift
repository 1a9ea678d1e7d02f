/// The unified (v2) cgroup hierarchy of the machine.
package struct CgroupTree: Sendable {
    /// Where it is mounted: the cgroup directory itself, or `unified` below it on a hybrid machine.
    package let root: String

    /// A cgroup: its id is the inode number of its directory.
    package struct Node: Sendable, Equatable {
        package let id: UInt64
        /// From the root of the hierarchy, `/` itself for the root.
        package let path: String
        /// Index of the parent in the walk's result; -1 for the root.
        package let parent: Int
    }

    /// Finds the hierarchy below `cgroupfs`; nil where the machine has only version 1.
    package init?(cgroupfs: String) {
        let candidates = [cgroupfs, cgroupfs + "/unified"]
        guard let root = candidates.first(where: { fileExists($0 + "/cgroup.controllers") }) else { return nil }
        self.root = root
    }

    /// True where the mount shows the whole machine: the root cgroup alone has no `cgroup.type`. Inside a cgroup
    /// namespace it shows only a part.
    package var isHostRoot: Bool { !fileExists(root + "/cgroup.type") }

    /// Every cgroup, parents before children. Cgroups that vanish meanwhile are left out. Linear in their number;
    /// one directory read each.
    package func walk() throws(HostError) -> [Node] {
        var nodes = [Node(id: try inode(of: root), path: "/", parent: -1)]
        var next = 0
        while next < nodes.count {
            let parent = nodes[next]
            let prefix = parent.path == "/" ? "/" : parent.path + "/"
            for entry in (try? listDirectory(root + parent.path)) ?? [] where entry.isDirectory {
                nodes.append(Node(id: entry.inode, path: prefix + entry.name, parent: next))
            }
            next += 1
        }
        return nodes
    }

    /// CPU time of a cgroup and everything below it, as the kernel itself accounts it, us. `cpu.stat usage_usec`
    package func cpuMicroseconds(path: String) throws(HostError) -> UInt64 {
        let file = root + (path == "/" ? "" : path) + "/cpu.stat"
        for line in try readText(file).split(separator: "\n") where line.hasPrefix("usage_usec ") {
            if let value = UInt64(line.dropFirst("usage_usec ".count)) { return value }
        }
        throw .malformed(file, "no usage_usec")
    }
}
