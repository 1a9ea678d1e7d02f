internal import Linux
internal import Workloads

/// Whose a job of a batch system is, where its cgroup's path does not show it: the owner of its processes.
struct JobUsers {
    let paths: HostPaths

    /// Cgroups of a job, and processes of each, that are looked at.
    private static let limits = (cgroups: 256, processes: 1024)

    /// `user.id` and, where `/etc/passwd` has it, `user.name`. Empty where the job has no process but root's yet, and where
    /// it has those of several users.
    func facts(of job: CgroupIdentity) -> [String: String] {
        guard job.userName == nil, let user = job.userID ?? user(ofCgroup: job.path) else { return [:] }
        var facts = ["user.id": "\(user)"]
        facts["user.name"] = Accounts(rootfs: paths.rootfs).account(user)?.name
        return facts
    }

    private func user(ofCgroup path: String) -> UInt32? {
        var users: Set<UInt32> = []
        for tree in CgroupTree.all(paths) where fileExists(tree.root + path) {
            var waiting = [tree.root + path]
            var count = 0
            while let directory = waiting.popLast(), count < Self.limits.cgroups {
                count += 1
                users.formUnion(owners(ofProcessesIn: directory))
                // A step's daemon is root's, and so are the directories.
                if users.count > 1 { return nil }
                let below = ((try? listDirectory(directory)) ?? []).filter(\.isDirectory)
                waiting += below.prefix(Self.limits.cgroups).map { "\(directory)/\($0.name)" }
            }
        }
        return users.first
    }

    private func owners(ofProcessesIn directory: String) -> Set<UInt32> {
        guard let text = try? readText(directory + "/cgroup.procs") else { return [] }
        let users = lines(of: text).prefix(Self.limits.processes).compactMap { line -> UInt32? in
            UInt32(line).flatMap { Linux.owner(of: "\(paths.procfs)/\($0)") }
        }
        return Set(users).subtracting([0])
    }
}
