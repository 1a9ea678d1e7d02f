internal import CLinux
internal import Glibc

/// Who may make directories in a directory, and so of whom those that lie in it may be.
package struct DirectoryAccess: Hashable, Sendable {
    /// Whom it belongs to.
    package let owner: UInt32
    /// Whether its group, or everybody, may make directories in it too.
    package let isShared: Bool
    /// Whether they may also give others' directories in it another name: in hierarchies of version 1, unless its sticky
    /// bit is set. cgroups of version 2 cannot be renamed.
    package let mayRename: Bool

    package init(owner: UInt32, isShared: Bool = false, mayRename: Bool = false) {
        self.owner = owner
        self.isShared = isShared
        self.mayRename = mayRename
    }

    /// Of a path, links followed; nil where that is unknown.
    package init?(of path: String) {
        var status = stat()
        guard withBytes(of: path, { stat($0, &status) }) == 0 else { return nil }
        let isShared = Self.isShared(status)
        let mayRename =
            isShared && status.st_mode & S_ISVTX == 0
            && withBytes(of: path, energyd_file_system) == Self.cgroupVersion1
        self.init(owner: status.st_uid, isShared: isShared, mayRename: mayRename)
    }

    static func isShared(_ status: stat) -> Bool { status.st_mode & (S_IWGRP | S_IWOTH) != 0 }

    /// CGROUP_SUPER_MAGIC. include/uapi/linux/magic.h
    private static let cgroupVersion1 = 0x27_E0EB
}
