import Testing
import Workloads

@Suite struct CgroupIdentityTests {
    private static let id = Sample.id
    private static let pod = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(Sample.escapedUID).slice"

    @Test(arguments: [
        ("/\(pod)/cri-containerd-\(id).scope", "containerd"),
        ("/\(pod)/crio-\(id).scope/container", "cri-o"),
        ("/\(pod)/docker-\(id).scope/init.scope", "docker"),
        ("/kubepods/burstable/pod\(Sample.uid)/\(id)/a/b", "cri"),
        ("/kubelet/kubepods/burstable/pod\(Sample.uid)/crio-\(id)", "cri-o"),
    ])
    func containersInPods(path: String, runtime: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container)
        #expect(identity.runtime == runtime)
        #expect(identity.containerID == Self.id)
        #expect(identity.name == "4f1de0c95ab2")
        #expect(identity.key == "container:\(Self.id)")
        #expect(identity.podUID == Sample.uid)
        #expect(identity.qos == "Burstable")
        #expect(identity.outerContainerID == nil)
        #expect(identity.podPath.map { path.hasPrefix($0 + "/") } == true)
    }

    @Test(arguments: [
        ("/docker/\(id)/system.slice/cron.service", "docker", "/docker/\(id)"),
        ("/system.slice/docker-\(id).scope/kubelet", "docker", "/system.slice/docker-\(id).scope"),
        ("/a.service/libpod-payload-\(id)", "podman", "/a.service/libpod-payload-\(id)"),
        ("/system.slice/nerdctl-\(id).scope", "containerd", "/system.slice/nerdctl-\(id).scope"),
        ("/k8s.io/\(id)", "containerd", "/k8s.io/\(id)"),
        ("/batch/\(id)/step", nil, "/batch/\(id)"),
        ("/system.slice/youki-\(id).scope", "youki", "/system.slice/youki-\(id).scope"),
    ])
    func containersAlone(path: String, runtime: String?, expected: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container)
        #expect(identity.runtime == runtime)
        #expect(identity.containerID == Self.id)
        #expect(identity.path == expected)
        #expect(identity.podUID == nil && identity.podPath == nil && identity.qos == nil)
    }

    @Test(arguments: [
        ("/kubepods/besteffort/pod\(Sample.uid)", Sample.uid, "BestEffort"),
        ("/kubepods/pod\(Sample.staticUID)", Sample.staticUID, "Guaranteed"),
        ("/kubepods.slice/kubepods-pod\(Sample.escapedUID).slice", Sample.uid, "Guaranteed"),
        ("/\(pod)", Sample.uid, "Burstable"),
    ])
    func pods(path: String, uid: String, qos: String) {
        let identity = CgroupIdentity(cgroupPath: path + "/sandbox")
        #expect(identity.kind == .pod)
        #expect(identity.path == path)
        #expect(identity.key == "pod:\(uid)")
        #expect(identity.name == uid)
        #expect(identity.qos == qos)
        #expect(identity.podPath == nil)
    }

    @Test func innermostPodAndDeepestContainerWin() {
        let inner = "/docker/\(Sample.otherID)/kubepods/pod\(Sample.uid)"
        let container = CgroupIdentity(cgroupPath: "\(inner)/\(Self.id)/init")
        #expect(container.containerID == Self.id)
        #expect(container.outerContainerID == Sample.otherID)
        #expect(container.podPath == inner)

        let pod = CgroupIdentity(cgroupPath: inner)
        #expect(pod.kind == .pod)
        #expect(pod.runtime == nil)
        #expect(pod.outerContainerID == Sample.otherID)

        let nested = CgroupIdentity(cgroupPath: "/kubepods/pod\(Sample.staticUID)/\(Sample.otherID)\(inner)")
        #expect(nested.podUID == Sample.uid)
    }

    @Test func podAndContainerInOneName() {
        let path = "/x.service/kubepods-besteffort-pod\(Sample.escapedUID).slice:cri-containerd:\(Self.id)"
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container)
        #expect(identity.runtime == "containerd")
        #expect(identity.podUID == Sample.uid)
        #expect(identity.qos == "BestEffort")
        #expect(identity.path == path)
        #expect(identity.podPath == nil)
    }

    @Test func supervisorsAreUnitsOfTheirPod() {
        let identity = CgroupIdentity(cgroupPath: "/\(Self.pod)/crio-conmon-\(Self.id).scope")
        #expect(identity.kind == .unit)
        #expect(identity.runtime == "cri-o")
        #expect(identity.containerID == nil)
        #expect(identity.podUID == Sample.uid)
        #expect(identity.podPath == "/\(Self.pod)")
        #expect(CgroupIdentity(cgroupPath: "/lxc.monitor.web").kind == .unit)

        let inside = CgroupIdentity(cgroupPath: "/docker/\(Self.id)/libpod-conmon-\(Sample.otherID).scope")
        #expect(inside.containerID == Self.id)
    }

    @Test func shortIDsCountOnlyWhereTheyMustBeOne() {
        let pod = "/kubepods/pod\(Sample.uid)"
        #expect(CgroupIdentity(cgroupPath: "\(pod)/0a1b2c3d4e5f").containerID == "0a1b2c3d4e5f")
        #expect(CgroupIdentity(cgroupPath: "\(pod)/0a1b2c3d4e5").kind == .pod)
        #expect(CgroupIdentity(cgroupPath: "\(pod)/logs/0a1b2c3d4e5f").kind == .pod)
        #expect(CgroupIdentity(cgroupPath: "/crio-0a1b2c3d4e5f.scope").kind == .unit)
        #expect(CgroupIdentity(cgroupPath: "/run-0a1b2c3d4e5f.scope").kind == .unit)
    }

    @Test func containersInContainersKnowTheNextOneOut() {
        let inner = CgroupIdentity(cgroupPath: "/lxc/a-very-long-name/docker/\(Sample.otherID)/docker/\(Self.id)")
        #expect(inner.containerID == Self.id)
        #expect(inner.outerContainerID == Sample.otherID)
        let middle = CgroupIdentity(cgroupPath: "/lxc/a-very-long-name/docker/\(Sample.otherID)")
        #expect(middle.outerContainerID == "a-very-long-name")
    }

    @Test(arguments: [
        ("/lxc/build-01/init.scope", "build-01", "/lxc/build-01"),
        ("/lxc.payload.web/system.slice/nginx.service", "web", "/lxc.payload.web"),
        (#"/machine-lxc\x2d77\x2dold\x2dbox.scope/a"#, "old-box", #"/machine-lxc\x2d77\x2dold\x2dbox.scope"#),
    ])
    func lxc(path: String, name: String, expected: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container)
        #expect(identity.runtime == "lxc")
        #expect(identity.name == name && identity.containerID == name)
        #expect(identity.path == expected)
    }

    @Test(arguments: [
        (#"/machine.slice/machine-qemu\x2d14\x2dweb\x2dfront.scope"#, "/libvirt/vcpu3", "web-front", "libvirt"),
        (#"/machine.slice/machine-qemu\x2d3\x2d2nd.scope"#, "", "2nd", "libvirt"),
        ("/machine/qemu-5-db.libvirt-qemu", "/emulator", "db", "libvirt"),
        ("/machine/db.libvirt-qemu", "", "db", "libvirt"),
        (#"/machine.slice/machine-ch\x2d4\x2dcloud.scope"#, "/libvirt", "cloud", "libvirt"),
        (#"/machine.slice/machine-xen\x2d4\x2ddom\x2du.scope"#, "", "dom-u", "libvirt"),
        ("/machine/ch-4-cloud.libvirt-ch", "/vcpu0", "cloud", "libvirt"),
        ("/machine.slice/systemd-vmspawn@image.service", "", "image", "systemd-vmspawn"),
        ("/qemu.slice/104.scope", "", "104", "qemu"),
    ])
    func virtualMachines(path: String, below: String, name: String, runtime: String) {
        let identity = CgroupIdentity(cgroupPath: path + below)
        #expect(identity.kind == .vm)
        #expect(identity.name == name)
        #expect(identity.runtime == runtime)
        #expect(identity.key == "vm:\(path)")
    }

    @Test(arguments: [
        ("/system.slice/cron.service", "", "cron.service"),
        ("/system.slice/cron.service", "/sub/dir", "cron.service"),
        ("/user.slice/user-7.slice/user@7.service/app.slice/app-x.service", "", "app-x.service"),
        ("/user.slice/user-7.slice/session-c2.scope", "", "session-c2.scope"),
        (#"/system.slice/dev-disk-by\x2dlabel-a.mount"#, "", "dev-disk-by-label-a.mount"),
        ("/system.slice/docker.socket", "", "docker.socket"),
        ("/podruntime/runtime", "/x", "runtime"),
        ("/system.slice/docker-\(id).mount", "", "docker-\(id).mount"),
    ])
    func units(path: String, below: String, name: String) {
        let identity = CgroupIdentity(cgroupPath: path + below)
        #expect(identity.kind == .unit)
        #expect(identity.name == name)
        #expect(identity.path == path)
        #expect(identity.key == "unit:\(path)")
    }

    @Test(arguments: [
        ("/user.slice/user-7.slice", "user-7.slice"),
        ("/kubepods.slice/kubepods-burstable.slice", "kubepods-burstable.slice"),
        ("/user@7.service/app.slice", "app.slice"),
        (#"/system.slice/system-a\x2db.slice"#, "system-a-b.slice"),
    ])
    func slices(path: String, name: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .slice)
        #expect(identity.name == name)
        #expect(identity.path == path)
        #expect(identity.key == "slice:\(path)")
        #expect(identity.qos == nil)
    }

    @Test(arguments: [
        ("/system.slice/job", "system.slice/job"),
        ("/user@7.service/app.slice/job", "app.slice/job"),
        ("/kubepods/burstable", "kubepods/burstable"),
        ("/a/b/c", "b/c"),
        ("/a", "a"),
        ("/deadbeefdeadbeef", "deadbeefdeadbeef"),
        ("/podman", "podman"),
        (#"/a\x2"#, #"a\x2"#),
        (#"/\xg0\x41"#, #"\xg0A"#),
        ("/", "/"),
    ])
    func plainCgroups(path: String, name: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .cgroup)
        #expect(identity.name == name)
        #expect(identity.path == path)
        #expect(identity.key == nil)
    }
}
