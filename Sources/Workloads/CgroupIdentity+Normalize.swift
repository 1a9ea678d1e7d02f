extension CgroupIdentity {
    /// The path below the root of its hierarchy: without the `0::` or `11:blkio:` of `/proc/PID/cgroup`, the mount
    /// point of a cgroup file system, and empty, `.` and `..` segments. Begins with `/` and ends without one, but for
    /// the root. Idempotent.
    ///
    /// `..` is dropped, not resolved: it stands for ancestors that a cgroup namespace hides, not for the way back.
    package static func normalize(_ path: String) -> String {
        var components = path.utf8[hierarchyPrefixEnd(of: path)...]
            .split(separator: UInt8(ascii: "/"))
            .filter { !$0.equals(".") && !$0.equals("..") }[...]
        while components.count >= 3, zip(components, mountPoint).allSatisfy({ $0.equals($1) }) {
            components = components.dropFirst(mountPoint.count)
            if let first = components.first, isHierarchyName(first) {
                components = components.dropFirst()
            }
        }
        guard !components.isEmpty else { return "/" }
        // Already normalised, as from the kernel programs and the tree walks: shares the storage.
        if path.utf8.first == UInt8(ascii: "/"), path.utf8.count == components.reduce(0, { $0 + $1.count + 1 }) {
            return path
        }
        var result = ""
        result.reserveCapacity(path.utf8.count + 1)
        for component in components {
            result += "/"
            result += Substring(component)
        }
        return result
    }

    private static let mountPoint: [StaticString] = ["sys", "fs", "cgroup"]

    /// What is mounted below `/sys/fs/cgroup` on hosts with cgroup v1: cgroups(7), systemd's hybrid layout.
    private static let hierarchyNames: Set<String> = [
        "unified", "systemd", "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "memory", "misc",
        "net_cls", "net_prio", "perf_event", "pids", "rdma",
    ]

    private static func isHierarchyName(_ component: Substring.UTF8View) -> Bool {
        component.split(separator: UInt8(ascii: ",")).allSatisfy { hierarchyNames.contains(String(Substring($0))) }
    }

    /// Where the path begins in a line of `/proc/PID/cgroup`, `ID:CONTROLLERS:/path`; the start for anything else.
    private static func hierarchyPrefixEnd(of line: String) -> String.Index {
        let digits = line.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty, line.utf8[digits.endIndex...].first == UInt8(ascii: ":") else { return line.startIndex }
        let controllers = line.utf8[digits.endIndex...].dropFirst()
        guard let end = controllers.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }),
            controllers[end...].starts(with: ":/".utf8)
        else { return line.startIndex }
        return line.utf8.index(after: end)
    }
}
