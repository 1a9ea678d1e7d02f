package import Linux
package import Workloads

/// A source of names that reads files of this machine. Each is queried once per workload, outside of the tick.
package enum LocalSource: String, Sendable, CaseIterable {
    case docker, podman, containerd, crio = "cri-o", systemd, qemu, jobs

    package var nameSource: NameSource {
        switch self {
        case .docker: .docker
        case .podman: .podman
        case .containerd: .containerd
        case .crio: .crio
        case .systemd: .systemd
        case .qemu: .qemu
        case .jobs: .jobs
        }
    }

    /// The names of a workload; empty where the source does not know it. Throws where the source exists but cannot be
    /// read.
    package func facts(of identity: CgroupIdentity, _ paths: HostPaths) throws(HostError) -> [String: String] {
        switch (self, identity.kind) {
        case (.systemd, .unit), (.systemd, .slice):
            return UnitFiles(files: HostFiles(rootfs: paths.rootfs))
                .facts(of: identity.unitName ?? "", manager: identity.manager)
        case (.jobs, .job):
            return JobUsers(paths: paths).facts(of: identity)
        case (.qemu, .unit), (.qemu, .vm), (.qemu, .container), (.qemu, .cgroup):
            return GuestNames(paths: paths).facts(ofCgroup: identity.path)
        case (.docker, .container), (.podman, .container), (.containerd, .container), (.crio, .container):
            guard let id = identity.containerID, isContainerID(id) else { return [:] }
            let files = HostFiles(rootfs: paths.rootfs)
            let state = RuntimeState(files: files)
            return switch (self, identity.userID) {
            case (.docker, let user): try state.docker(id, user: user)
            case (.podman, let user): try PodmanStorage(files: files).facts(of: id, user: user)
            case (.containerd, nil): try state.containerd(id)
            case (.crio, nil): try state.crio(id)
            // Root's alone: what it knows of an id does not concern a user who made a cgroup with it.
            default: [:]
            }
        default: return [:]
        }
    }

    /// An id becomes part of a path, so it may consist of digits only.
    private func isContainerID(_ id: String) -> Bool {
        id.utf8.count == 64
            && id.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
