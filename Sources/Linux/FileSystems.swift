/// Which file systems answer from this machine alone.
package enum FileSystems {
    /// Of the kernel's own, or on disks. Others wait for a server, which may be gone: `nfs`, `virtiofs`, `9p`, every
    /// `fuse`.
    private static let local = Set(
        """
        bcachefs bpf btrfs cgroup cgroup2 configfs debugfs devtmpfs efivarfs erofs exfat ext2 ext3 ext4 f2fs hugetlbfs
        iso9660 mqueue overlay proc pstore ramfs rootfs securityfs squashfs sysfs tmpfs tracefs vfat xfs zfs
        """.split { $0 == " " || $0 == "\n" })

    /// Where the file system of `path` is mounted, if it may never answer; nil for others. Does not ask it: links in the
    /// path are not followed.
    static func mountThatMayHang(at path: String) -> String? { mountsThatMayHang(at: [path]).first?.place }

    /// The same for many paths: each mount once, with the first path that lies on it.
    static func mountsThatMayHang(at paths: [String]) -> [(path: String, place: String)] {
        // Without a list nothing is known.
        guard !paths.isEmpty, let list = try? readFile("/proc/self/mountinfo", limit: 4 << 20) else { return [] }
        return mountsThatMayHang(at: paths, mounts: String(decoding: list, as: UTF8.self))
    }

    /// Linear in the number of mounts; each line is taken apart once, however many paths there are.
    ///
    /// - Parameter mounts: `/proc/PID/mountinfo`, `proc_pid_mountinfo(5)`.
    static func mountsThatMayHang(at paths: [String], mounts: String) -> [(path: String, place: String)] {
        var found = paths.map { _ in (point: "", type: Substring()) }
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.count
            else { continue }
            let place = fields[4].contains("\\") ? unescape(fields[4]) : String(fields[4])
            // The last of those at one place hides the others.
            for (index, path) in paths.enumerated()
            where contains(place, path) && place.utf8.count >= found[index].point.utf8.count {
                found[index] = (place, fields[dash + 1])
            }
        }
        var places: Set<String> = []
        return zip(paths, found).compactMap { path, mount in
            guard !mount.point.isEmpty, !local.contains(mount.type), places.insert(mount.point).inserted else {
                return nil
            }
            return (path, mount.point)
        }
    }

    private static func contains(_ point: String, _ path: String) -> Bool {
        guard point != "/" else { return true }
        return path.utf8.starts(with: point.utf8)
            && (path.utf8.count == point.utf8.count || path.utf8.dropFirst(point.utf8.count).first == UInt8(ascii: "/"))
    }

    /// Spaces, tabs, ends of lines and backslashes are three octal digits after a backslash.
    private static func unescape(_ text: Substring) -> String {
        var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The directory that a file is in.
package func parentDirectory(of path: String) -> String {
    let slash = path.lastIndex(of: "/")
    return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}
