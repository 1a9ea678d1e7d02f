package import Linux
package import Workloads

/// Where on this machine a name may be found, by reading files. Each is asked once per workload, off the tick.
package enum LocalSource: String, Sendable, CaseIterable {
    case docker, podman, containerd, crio = "cri-o", systemd, qemu

    package var nameSource: NameSource {
        switch self {
        case .docker: .docker
        case .podman: .podman
        case .containerd: .containerd
        case .crio: .crio
        case .systemd: .systemd
        case .qemu: .qemu
        }
    }

    /// What the source says of a workload; empty where it does not know it. Throws where it could not be read although
    /// it is there.
    package func facts(of identity: CgroupIdentity, _ paths: HostPaths) throws(HostError) -> [String: String] {
        switch (self, identity.kind) {
        case (.systemd, .unit), (.systemd, .slice):
            return UnitFiles(rootfs: paths.rootfs).facts(of: identity.unitName ?? "")
        case (.qemu, .unit), (.qemu, .vm), (.qemu, .container), (.qemu, .cgroup):
            return GuestNames(paths: paths).facts(ofCgroup: identity.path)
        case (.docker, .container), (.podman, .container), (.containerd, .container), (.crio, .container):
            guard let id = identity.containerID, isContainerID(id) else { return [:] }
            let state = RuntimeState(rootfs: paths.rootfs)
            return switch self {
            case .docker: try state.docker(id)
            case .podman: try state.podman(id, cgroupPath: identity.path)
            case .containerd: try state.containerd(id)
            default: try state.crio(id)
            }
        default: return [:]
        }
    }

    /// An id becomes part of a path: nothing but digits may.
    private func isContainerID(_ id: String) -> Bool {
        id.utf8.count == 64
            && id.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
