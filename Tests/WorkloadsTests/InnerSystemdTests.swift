import Testing
import Workloads

/// The units of a systemd inside something are never shown as the host's.
@Suite struct InnerSystemdTests {
    private static let inner = [
        "", "/init.scope", "/system.slice", "/system.slice/nginx.service", "/system.slice/nginx.service/worker",
        "/user.slice/user-0.slice/user@0.service/app.slice/x.service",
    ]
    private static let session = "/user.slice/user-1000.slice/user@1000.service/app.slice"

    @Test(arguments: [
        ("/lxc/web", "lxc", "web"), ("/lxc/101/ns", "lxc", "101"), ("/lxc.payload/web", "lxc", "web"),
        ("/lxc.payload.web", "lxc", "web"), ("/lxc.payload.proj_web", "lxc", "proj_web"),
        ("/system.slice/system-lxc.slice/lxc@web.service/lxc.payload.web", "lxc", "web"),
        ("/user.slice/user-1000.slice/session-3.scope/lxc.payload.web", "lxc", "web"),
        ("\(session)/run-r1.scope/lxc.payload.web", "lxc", "web"),
        ("/system.slice/incus.service/lxc.payload.web", "lxc", "web"),
        (#"/machine.slice/machine-lxc\x2d7\x2dold\x2dbox.scope/libvirt"#, "lxc", "old-box"),
        ("/machine/lxc-7-old.libvirt-lxc", "lxc", "old"),
        ("/machine.slice/container@web.service/payload", "systemd-nspawn", "web"),
        ("/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn", "web"),
        ("/machine.slice/machine-image.scope/payload", "systemd-nspawn", "image"),
        ("/machine.slice/libpod-\(Sample.id).scope/container", "podman", Sample.id),
        ("/system.slice/container-web.service/libpod-payload-\(Sample.id)", "podman", Sample.id),
        ("/docker/\(Sample.id)", "docker", Sample.id),
    ])
    func ofAContainer(path: String, runtime: String, id: String) {
        let outside = CgroupIdentity(cgroupPath: path)
        for part in Self.inner {
            let identity = CgroupIdentity(cgroupPath: path + part)
            #expect(
                identity.kind == .container && identity.runtime == runtime && identity.containerID == id,
                "\(path + part)")
            #expect(identity == outside, "\(path + part)")
        }
    }

    /// Where nothing says what it is, it is what the host calls it.
    @Test(arguments: [
        ("/system.slice/lxc@web.service", CgroupIdentity.Kind.unit), ("/lxc.monitor.web", .unit),
        ("/lxc.monitor/web", .unit),
        ("/system.slice/crun-box.scope", .unit), ("/system.slice/mkosi.service", .unit),
        ("/user.slice/user-1000.slice/session-3.scope", .unit), ("\(session)/crun-box.scope", .unit),
        ("/machine.slice/other.service", .unit), ("/box", .cgroup), ("/boxes/box", .cgroup),
        ("/system.slice/box", .cgroup),
        ("\(session)/box", .cgroup),
    ])
    func ofAnythingElse(path: String, kind: CgroupIdentity.Kind) {
        let outside = CgroupIdentity(cgroupPath: path)
        #expect(outside.kind == kind && outside.path == path)
        for part in Self.inner { #expect(CgroupIdentity(cgroupPath: path + part) == outside, "\(path + part)") }
    }

    @Test(arguments: [
        "/user.slice/user-7.slice/user@7.service", "/user.slice/user-alice.slice/user@alice.service",
        "/capsule.slice/capsule@build.service",
    ])
    func theManagerOfAUserHasUnits(path: String) {
        #expect(CgroupIdentity(cgroupPath: path + "/app.slice").kind == .slice)
        #expect(CgroupIdentity(cgroupPath: path + "/app.slice/editor.service").name == "editor.service")
        #expect(CgroupIdentity(cgroupPath: path + "/init.scope").name == "init.scope")
        #expect(
            CgroupIdentity(cgroupPath: path + "/app.slice/editor.service/a.slice/b.service").name == "editor.service")
        #expect(CgroupIdentity(cgroupPath: path + "/box/a.slice/b.service").path == path)
    }

    @Test func containersAndPodsInsideAreStillFound() {
        let docker = CgroupIdentity(cgroupPath: "/box/system.slice/docker-\(Sample.id).scope")
        #expect(docker.containerID == Sample.id)
        let pod = CgroupIdentity(cgroupPath: "/lxc.payload.k3s/kubepods/burstable/pod\(Sample.uid)/\(Sample.id)")
        #expect(pod.podUID == Sample.uid && pod.outerContainerID == "k3s")
        let lxc = CgroupIdentity(cgroupPath: "/lxc.payload.outer/lxc.payload.web/init.scope")
        #expect(lxc.containerID == "outer/web" && lxc.name == "web" && lxc.outerContainerID == "outer")
    }
}
