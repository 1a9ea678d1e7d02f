import Workloads

/// How systems name their cgroups, one row each, with what the name means. Ids are made up; the layouts are those that
/// the runtimes, kubelets and distributions named in the rows write.
///
/// In a path, ID stands for a container's id, OUTER for that of the container around it, UID for a pod's uid, U_I_D for
/// the same with underscores (the kubelet's systemd driver), HASH for the uid of a static pod.
struct Layout: CustomStringConvertible {
    let origin: String
    let path: String
    let kind: CgroupIdentity.Kind
    var runtime: String?
    /// Of containers: the id; of others: the name.
    var name: String?
    var pod: String?
    var qos: String?
    var outer: String?

    var description: String { "\(origin): \(path)" }

    init(
        _ origin: String, _ path: String, _ kind: CgroupIdentity.Kind, _ runtime: String? = nil, name: String? = nil,
        pod: String? = nil, qos: String? = nil, outer: String? = nil
    ) {
        self.origin = origin
        self.path = path
        self.kind = kind
        self.runtime = runtime
        self.name = name
        self.pod = pod
        self.qos = qos
        self.outer = outer
    }

    static let table: [Layout] = kubeletSystemd + kubeletFilesystem + staticPods + nested + engines + systemd
}

extension Layout {
    /// The kubelet's systemd driver.
    private static let kubeletSystemd = [
        Layout(
            "containerd",
            "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice/"
                + "cri-containerd-ID.scope", .container, "containerd", name: "ID", pod: "UID", qos: "Burstable"),
        Layout(
            "CRI-O", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podU_I_D.slice/crio-ID.scope",
            .container, "cri-o", name: "ID", pod: "UID", qos: "BestEffort"),
        Layout(
            "CRI-O, guaranteed", "0::/kubepods.slice/kubepods-podU_I_D.slice/crio-ID.scope", .container, "cri-o",
            name: "ID", pod: "UID", qos: "Guaranteed"),
        Layout(
            "CRI-O, crun's own directory",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice/"
                + "crio-ID.scope/container", .container, "cri-o", name: "ID", pod: "UID", qos: "Burstable"),
        Layout(
            "Docker by cri-dockerd",
            "0::/kubepods.slice/kubepods-besteffort.slice/"
                + "kubepods-besteffort-podU_I_D.slice/docker-ID.scope", .container, "docker", name: "ID", pod: "UID",
            qos: "BestEffort"),
        Layout(
            "a kubelet with a root of its own",
            "0::/kubelet.slice/kubelet-kubepods.slice/"
                + "kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podU_I_D.slice/cri-containerd-ID.scope",
            .container, "containerd", name: "ID", pod: "UID", qos: "Burstable"),
        Layout(
            "mixed separators in a uid",
            "0::/kubepods.slice/kubepods-burstable.slice/"
                + "kubepods-burstable-pod1b9f0c3e_77aa_4d21-9e10_c0ffee123456.slice/cri-containerd-ID.scope",
            .container, "containerd", name: "ID", pod: "UID", qos: "Burstable"),
        Layout(
            "below a mount point",
            "/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/"
                + "kubepods-burstable-podU_I_D.slice/cri-containerd-ID.scope", .container, "containerd", name: "ID",
            pod: "UID", qos: "Burstable"),
        Layout(
            "below a mount point of version 1",
            "/sys/fs/cgroup/cpuacct/kubepods.slice/kubepods-podU_I_D.slice/"
                + "docker-ID.scope", .container, "docker", name: "ID", pod: "UID", qos: "Guaranteed"),
        Layout(
            "the pod itself", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice", .pod,
            name: "UID", pod: "UID", qos: "Burstable"),
        Layout("a class of service", "0::/kubepods.slice/kubepods-burstable.slice", .slice),
        Layout(
            "CRI-O's monitor",
            "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice/"
                + "crio-conmon-ID.scope", .unit, "cri-o", name: "crio-conmon-ID.scope", pod: "UID", qos: "Burstable"),
        Layout(
            "runc given a systemd path, told to use cgroupfs",
            "13:memory:/system.slice/containerd.service/"
                + "kubepods-besteffort-podU_I_D.slice:cri-containerd:ID", .container, "containerd", name: "ID",
            pod: "UID", qos: "BestEffort"),
        Layout(
            "the same, burstable",
            "/system.slice/containerd.service/"
                + "kubepods-burstable-podU_I_D.slice:cri-containerd:ID", .container, "containerd", name: "ID",
            pod: "UID", qos: "Burstable"),
        Layout(
            "the same, two controllers",
            "11:cpu,cpuacct:/system.slice/containerd.service/"
                + "kubepods-podU_I_D.slice:cri-containerd:ID", .container, "containerd", name: "ID", pod: "UID",
            qos: "Guaranteed"),
        Layout(
            "the same below a slice of a distribution",
            "4:pids:/podruntime.slice/containerd.service/"
                + "kubepods-burstable-podU_I_D.slice:cri-containerd:ID", .container, "containerd", name: "ID",
            pod: "UID", qos: "Burstable"),
    ]

    /// The kubelet's cgroupfs driver, whose names do not contain the runtime.
    private static let kubeletFilesystem = [
        Layout(
            "containerd", "0::/kubepods/burstable/podUID/ID", .container, "cri", name: "ID", pod: "UID",
            qos: "Burstable"),
        Layout("guaranteed", "0::/kubepods/podUID/ID", .container, "cri", name: "ID", pod: "UID", qos: "Guaranteed"),
        Layout(
            "version 1", "11:blkio:/kubepods/burstable/podUID/ID", .container, "cri", name: "ID", pod: "UID",
            qos: "Burstable"),
        Layout(
            "a kubelet with a root of its own", "0::/kubelet/kubepods/besteffort/podUID/ID", .container, "cri",
            name: "ID", pod: "UID", qos: "BestEffort"),
        Layout(
            "a directory inside the container's", "/kubepods/besteffort/podUID/ID/kube-proxy", .container, "cri",
            name: "ID", pod: "UID", qos: "BestEffort"),
        Layout(
            "CRI-O", "/kubepods/podUID/crio-ID", .container, "cri-o", name: "ID", pod: "UID", qos: "Guaranteed"),
        Layout(
            "CRI-O, best effort", "0::/kubepods/besteffort/podUID/crio-ID", .container, "cri-o", name: "ID",
            pod: "UID", qos: "BestEffort"),
        Layout(
            "the pod itself", "/sys/fs/cgroup/cpuacct/kubepods/burstable/podUID", .pod, name: "UID", pod: "UID",
            qos: "Burstable"),
        Layout("a class of service", "0::/kubepods/burstable", .cgroup, name: "kubepods/burstable"),
    ]

    /// Static pods: their uid is a hash.
    private static let staticPods = [
        Layout(
            "systemd driver, no scope",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podHASH.slice/"
                + "cri-containerd-ID", .container, "containerd", name: "ID", pod: "HASH", qos: "Burstable"),
        Layout(
            "cgroupfs driver", "/kubepods/burstable/podHASH/ID", .container, "cri", name: "ID", pod: "HASH",
            qos: "Burstable"),
    ]

    /// Kubernetes in a container of Docker.
    private static let nested = [
        Layout(
            "kind, systemd driver",
            "0::/system.slice/docker-OUTER.scope/kubelet.slice/kubelet-kubepods.slice/"
                + "kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-podU_I_D.slice/"
                + "cri-containerd-ID.scope", .container, "containerd", name: "ID", pod: "UID", qos: "BestEffort",
            outer: "OUTER"),
        Layout(
            "kind, Docker with cgroupfs",
            "0::/docker/OUTER/kubelet.slice/kubelet-kubepods.slice/"
                + "kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-podU_I_D.slice/"
                + "cri-containerd-ID.scope", .container, "containerd", name: "ID", pod: "UID", qos: "BestEffort",
            outer: "OUTER"),
        Layout(
            "kind, cgroupfs driver", "0::/system.slice/docker-OUTER.scope/kubepods/burstable/podUID/ID", .container,
            "cri", name: "ID", pod: "UID", qos: "Burstable", outer: "OUTER"),
        Layout(
            "minikube, Docker in Docker",
            "0::/system.slice/docker-OUTER.scope/kubepods.slice/"
                + "kubepods-besteffort.slice/kubepods-besteffort-podU_I_D.slice/docker-ID.scope", .container, "docker",
            name: "ID", pod: "UID", qos: "BestEffort", outer: "OUTER"),
        Layout(
            "kind, a static pod", "0::/system.slice/docker-OUTER.scope/kubelet/kubepods/burstable/podHASH/ID",
            .container, "cri", name: "ID", pod: "HASH", qos: "Burstable", outer: "OUTER"),
        Layout(
            "what else runs in the node's container",
            "0::/system.slice/docker-ID.scope/system.slice/"
                + "containerd.service", .container, "docker", name: "ID"),
        Layout("the node's own init", "0::/system.slice/docker-ID.scope/init.scope", .container, "docker", name: "ID"),
        Layout("the node's init directory", "0::/system.slice/docker-ID.scope/init", .container, "docker", name: "ID"),
        Layout("seen from inside", "0::/../cri-containerd-ID.scope", .container, "containerd", name: "ID"),
        Layout(
            "seen from inside, further up", "0::/../../../../system.slice/docker-ID.scope", .container, "docker",
            name: "ID"),
    ]

    /// Container engines, virtual machines and LXC.
    private static let engines = [
        Layout("Docker, systemd driver", "0::/system.slice/docker-ID.scope", .container, "docker", name: "ID"),
        Layout("Docker, cgroupfs driver", "/docker/ID", .container, "docker", name: "ID"),
        Layout("Docker, a cgroup namespace", "/docker/ID/ns", .container, "docker", name: "ID"),
        Layout("containerd alone", "/system.slice/cri-containerd-ID.scope", .container, "containerd", name: "ID"),
        Layout("podman", "0::/machine.slice/libpod-ID.scope", .container, "podman", name: "ID"),
        Layout("podman, crun", "0::/machine.slice/libpod-ID.scope/container", .container, "podman", name: "ID"),
        Layout(
            "podman of a user", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container",
            .container, "podman", name: "ID"),
        Layout("podman in a unit", "0::/system.slice/web.service/libpod-payload-ID", .container, "podman", name: "ID"),
        Layout("podman, cgroupfs driver", "0::/libpod_parent/libpod-ID", .container, "podman", name: "ID"),
        Layout("LXC 4", "0::/lxc.payload.first", .container, "lxc", name: "first"),
        Layout("LXC before", "/lxc/mysql-primary", .container, "lxc", name: "mysql-primary"),
        Layout(
            "libvirt", #"0::/machine.slice/machine-qemu\x2d2\x2dinstance\x2d00000001.scope/libvirt"#, .vm, "libvirt",
            name: "instance-00000001"),
    ]

    private static let systemd = [
        Layout("a service", "0::/azure.slice/agent.service", .unit, name: "agent.service"),
        Layout(
            "an instance", "0::/system.slice/system-postgresql.slice/postgresql@9.4-main.service", .unit,
            name: "postgresql@9.4-main.service"),
        Layout("a transient scope", "0::/system.slice/run-r0a1b2c.scope", .unit, name: "run-r0a1b2c.scope"),
        Layout(
            "a session", "0::/user.slice/user-1000.slice/session-3.scope", .unit, name: "session-3.scope"),
        Layout("a kubelet without systemd", "/podruntime/kubelet", .unit, name: "kubelet"),
        Layout("the root", "0::/", .cgroup, name: "/"),
    ]
}
