internal import Glibc
internal import Hummingbird
internal import Linux

extension Problem: Error {
    /// Why the kernel did not let the agent make a cgroup, or move a process there.
    init(refusedBy error: HostError) {
        let words =
            switch error.code {
            case .other(EROFS): "the agent sees the cgroups read-only (ProtectControlGroups=yes, or a container)"
            case .permission: "the agent may not make cgroups there: it is not root, or the directory is not root's"
            case .other(EAGAIN): "there may be no more cgroups there (cgroup.max.descendants)"
            case .other(EOPNOTSUPP), .other(EBUSY), .other(EINVAL): "no process can be put into a cgroup there"
            default: "it did not work"
            }
        self.init(.conflict, cause: "\(words): \(error)", remedy: "see docs/run.md, \"Who may\"")
    }
}
