package import Workloads

/// Identifies the workload that a name belongs to, by what its cgroup path contains.
package struct NameKey: Hashable, Sendable {
    // Without raw values, which would be hashed as strings.
    package enum Kind: Sendable, CaseIterable {
        case pod, container, cgroup
        /// A container of which only the beginning of the id is known.
        case containerPrefix
    }

    package let kind: Kind
    package let id: String

    package static func pod(_ uid: String) -> NameKey { NameKey(kind: .pod, id: uid) }

    /// A container by its whole id.
    package static func container(_ id: String) -> NameKey { NameKey(kind: .container, id: id) }

    /// A container by the first 12 digits of its id, for sources that truncate it; ``NameTable`` compares the rest.
    package static func container(beginning id: String) -> NameKey {
        NameKey(kind: .containerPrefix, id: String(id.prefix(12)))
    }

    /// Jobs, units, slices and virtual machines.
    package static func cgroup(_ path: String) -> NameKey { NameKey(kind: .cgroup, id: path) }

    /// The key of a workload; nil for kinds that have no names.
    package init?(_ identity: CgroupIdentity) {
        switch identity.kind {
        case .container:
            guard let id = identity.containerID else { return nil }
            // What the platform's sources know of an id does not concern a user who made a cgroup with it.
            self = .container(identity.userID.map { "\($0)/\(id)" } ?? id)
        case .pod:
            guard let uid = identity.podUID else { return nil }
            self = .pod(uid)
        case .job, .unit, .slice, .vm: self = .cgroup(identity.path)
        case .cgroup, .namespace: return nil
        }
    }

    /// - Parameter id: as far as the kind has it; see the functions above.
    package init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }
}

/// Where a name comes from, in ascending order of precedence where two disagree.
package enum NameSource: Int, Sendable, Comparable, CaseIterable {
    /// The only container directory of a pod with only one container: see ``LogDirectoryNames``.
    case guess
    case jobs, qemu, systemd, podman, docker, crio, containerd
    /// The kubelet's log directories.
    case logs
    case kubelet, kubernetes

    package var title: String {
        switch self {
        case .guess: "log directory of the pod's only container"
        case .jobs: "owner of the job's processes"
        case .qemu: "command line of the virtual machine"
        case .systemd: "unit file"
        case .podman: "podman's state"
        case .docker: "Docker's state"
        case .crio: "CRI-O's state"
        case .containerd: "containerd's state"
        case .logs: "kubelet's log directory"
        case .kubelet: "kubelet"
        case .kubernetes: "Kubernetes API"
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
