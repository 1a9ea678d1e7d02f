internal import Linux
internal import Names
internal import Snapshot
internal import Workloads

/// Which workloads have names that a user who is not root chose: those whose cgroup lies in a directory of such a user.
struct UserMade: Sendable {
    private let roots: [String]
    private let accounts: [String: UInt32]

    init(paths: HostPaths) {
        roots = CgroupTree.all(paths).map(\.root)
        accounts = Accounts(rootfs: paths.rootfs).platforms()
    }

    /// Pods are made by those who may use the cluster, and bounded by it. One `stat` for each directory above the cgroup.
    func callAsFunction(_ workload: Snapshot.Workload) -> Bool {
        guard !workload.cgroupPath.isEmpty, workload.labels["k8s.pod.uid"] == nil else { return false }
        return UserGround(of: workload.cgroupPath, below: roots, accounts: accounts)?.user != nil
    }
}
