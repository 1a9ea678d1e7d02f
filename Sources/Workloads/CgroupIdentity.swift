internal import Linux

/// What a cgroup is, read from its path: a container, a pod, a job of a batch system, a systemd unit, a slice, a virtual
/// machine, or just a directory.
///
/// The innermost pod wins, then the deepest container inside it. Whatever lies below a container, a virtual machine,
/// a job or a unit (`/init`, `/container`, `/step_0/task_0`, the units of a container's own systemd) counts as part of it,
/// except what `energyctl run` measures (``Linux/RunCgroup``).
/// Units and slices are the host's only where the host's systemd puts them: in slices from the root on, or below a user
/// manager. Anywhere else they belong to another systemd, no matter what started it.
///
/// Complexity: one pass over the path; a few microseconds.
package struct CgroupIdentity: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case container, pod, job, unit, slice, vm, cgroup
        /// Has no cgroup and is never read from a path: the pods of one Kubernetes namespace.
        case namespace
    }

    package var kind: Kind
    /// The cgroup path of the workload itself, without the sub-cgroups that are part of it; `/` for the root. A prefix
    /// of the normalised path.
    package var path: String
    /// For people: 12 digits of the container id, the pod uid, the id of the job, the name of the unit, slice, virtual
    /// machine or LXC container with systemd's escapes decoded, or the last two components of a plain cgroup.
    package var name: String
    /// `containerd`, `cri-o`, `docker`, `podman`, `lxc`, `libvirt`, ...; `cri` where the layout shows a Kubernetes
    /// container but not which runtime made it; of jobs the batch system, `slurm`, `pbs`, ...; nil where nothing is
    /// known.
    package var runtime: String?
    /// The full id; nil unless ``kind`` is `container`. Of containers that only have a name, `OUTER/NAME` inside another
    /// container and `USER/NAME` among those of a user, whose names are their own.
    package var containerID: String?
    /// A container without an id that no other has: it may have the name of another, of another runtime or in another
    /// place.
    package var isNamedOnly = false
    /// As the batch system writes it; of HTCondor, whose paths do not contain the job, the slot. nil for all but jobs.
    package var jobID: String?
    /// Whose it is: the user whom a job runs for, where the path names one, or in whose directory anything else was made that
    /// looks like what only root makes. nil for what is root's.
    package var userID: UInt32?
    /// The same by name, where the path has that instead.
    package var userName: String?
    /// With dashes; of static pods it is a 32 digit hash without.
    package var podUID: String?
    /// `Guaranteed`, `Burstable` or `BestEffort`; nil outside pods.
    package var qos: String?
    /// The id of the container that encloses this workload (Kubernetes in Docker, Docker in LXC).
    package var outerContainerID: String?
    /// The path of the enclosing pod's cgroup for what runs in a pod, else nil. Also nil where the pod has no cgroup
    /// of its own (`POD.slice:cri-containerd:ID`).
    package var podPath: String?
    /// The rule that decided: the forms of a path's last component, one of which matched.
    package var rule = "the root"

    /// Accepts any string: a path that matches no rule is a plain cgroup.
    ///
    /// - Parameter ground: where the directories of a user begin. Pods, jobs, virtual machines and containers of
    ///   Kubernetes are made by root only; what carries such a name there is a plain cgroup, unit or slice of that user.
    package init(cgroupPath: String, ground: UserGround? = nil) {
        let path = Self.normalize(cgroupPath)
        var reader = PathReader(ground: ground)
        for component in path.utf8.split(separator: UInt8(ascii: "/")) {
            reader.read(component)
        }
        self = reader.identity(in: path)
    }

    /// The same, with the owners of the directories looked up where it matters.
    ///
    /// - Parameter ground: finds where on a normalised path the directories of a user begin; nil for a path that is
    ///   root's throughout.
    package init(cgroupPath: String, groundOf ground: (String) -> UserGround?) {
        self.init(cgroupPath: cgroupPath)
        guard isOfPlatform, let found = ground(path) else { return }
        self.init(cgroupPath: cgroupPath, ground: found)
    }

    /// True where a user who imitated the path would take the place, or the name, of something of the platform's.
    private var isOfPlatform: Bool { podUID != nil || [.container, .pod, .job, .vm].contains(kind) }

    /// A plain cgroup, whatever its path looks like.
    package static func plain(_ path: String) -> CgroupIdentity {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).suffix(2).map(\.unescaped).joined(separator: "/")
        return CgroupIdentity(kind: .cgroup, path: path, name: name.isEmpty ? "/" : name)
    }

    /// The pods of a Kubernetes namespace.
    package static func namespace(_ name: String) -> CgroupIdentity {
        CgroupIdentity(kind: .namespace, path: "", name: name)
    }

    init(kind: Kind, path: String, name: String) {
        self.kind = kind
        self.path = path
        self.name = name
    }
}

extension CgroupIdentity {
    /// The systemd unit or slice that the workload is or is the innermost of, for people: `docker-ID.scope` for a
    /// container of Docker with the systemd driver; nil outside of systemd.
    package var unit: String? { unitComponent?.unescaped }

    /// The same as systemd writes it, escapes such as `\x2d` included: the name of its file.
    package var unitName: String? { unitComponent.map { String(Substring($0)) } }

    private var unitComponent: Substring.UTF8View? {
        let suffixes: [StaticString] = [".service", ".scope", ".socket", ".mount", ".swap", ".slice"]
        let components = path.utf8.split(separator: UInt8(ascii: "/"))
        return components.last { component in suffixes.contains { component.dropping(suffix: $0) != nil } }
    }

    /// The stable key of the workload: `container:ID`, of those that only have a name `container:PATH`; `pod:UID`,
    /// `job:PATH`, `vm:PATH`, `unit:PATH`, `slice:PATH`, `namespace:NAME`; nil for plain cgroups, which only their cgroup id
    /// distinguishes.
    package var key: String? {
        switch kind {
        case .container: isNamedOnly ? "container:\(path.shortened())" : containerID.map { "container:\($0)" }
        case .pod: podUID.map { "pod:\($0)" }
        case .job, .vm, .unit, .slice: "\(kind.rawValue):\(path.shortened())"
        case .namespace: "namespace:\(name)"
        case .cgroup: nil
        }
    }
}
