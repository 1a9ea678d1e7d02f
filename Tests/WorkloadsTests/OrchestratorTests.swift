import Testing
import Workloads

/// Layouts besides those of Kubernetes and the container engines.
@Suite struct OrchestratorTests {
    private static let allocation = "5c1f0aa2-9d33-4b1e-8a77-0f0e0d0c0b0a"
    private static let task = "0123456789abcdef0123456789abcdef"

    @Test(arguments: [
        ("/nomad.slice/share.slice/\(allocation).web.scope", "nomad", "\(allocation).web"),
        ("/nomad.slice/reserve.slice/\(allocation).db-1.scope/sub", "nomad", "\(allocation).db-1"),
        ("/nomad.slice/\(allocation).web.scope", "nomad", "\(allocation).web"),
        ("/nomad/share/\(allocation).web", "nomad", "\(allocation).web"),
        ("/ecs/\(task)/\(Sample.id)", "docker", Sample.id),
        ("/ecs/prod/\(task)/\(Sample.id)", "docker", Sample.id),
        ("/kata_sandboxed_pod/\(Sample.id)/sandbox", "kata", Sample.id),
        (
            "/garden/executor-healthcheck-\(allocation)/init", "garden", "executor-healthcheck-\(allocation)"
        ),
        ("/garden/check-9e353214-da61-4e33-625e-0754", "garden", "check-9e353214-da61-4e33-625e-0754"),
        (
            "/hadoop-yarn/container_e17_1700000000001_0042_01_000002", "yarn",
            "container_e17_1700000000001_0042_01_000002"
        ),
        ("/mesos/\(allocation)", "mesos", allocation),
        ("/ecs/\(task)/\(task)-1234567890", "ecs", "\(task)-1234567890"),
        ("/ecstasks.slice/ecstasks-\(task).slice/docker-\(Sample.id).scope", "docker", Sample.id),
        ("/garden/2b2b7ff3-7c11-4a4c-5ab3-ddee/init", "garden", "2b2b7ff3-7c11-4a4c-5ab3-ddee"),
        (
            "/system.slice/garden.service/garden/good/2b2b7ff3-7c11-4a4c-5ab3-ddee", "garden",
            "2b2b7ff3-7c11-4a4c-5ab3-ddee"
        ),
        ("/kubepods/pod\(Sample.uid)/kata_\(Sample.id)", "kata", Sample.id),
        ("/kata_overhead/\(Sample.id)", "kata", Sample.id),
        ("/machine.slice/systemd-nspawn@build\\x2dbox.service/payload/init.scope", "systemd-nspawn", "build-box"),
        ("/machine.slice/machine-deb\\x2d12.scope", "systemd-nspawn", "deb-12"),
    ])
    func containers(path: String, runtime: String?, id: String) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container)
        #expect(identity.runtime == runtime)
        #expect(identity.containerID == id)
        #expect(identity.podUID == (path.hasPrefix("/kubepods") ? Sample.uid : nil))
        #expect(CgroupIdentity(cgroupPath: identity.path) == identity)
    }

    @Test(arguments: [
        ("/other.slice/\(allocation).web.scope", CgroupIdentity.Kind.unit),
        ("/nomad.slice/share.slice/web.scope", .unit), ("/nomad.slice/share.slice", .slice),
        ("/ecs/\(task)", .cgroup), ("/a/\(task)/other-12", .cgroup), ("/garden/good", .cgroup),
        ("/garden/plain", .cgroup), ("/garden/a-12345678", .cgroup), ("/garden/ab-cd-ef-gh", .cgroup),
        ("/a/hadoop-yarn/container_1", .cgroup), ("/hadoop-yarn/x", .cgroup), ("/mesos/agent", .cgroup),
        ("/x/mesos", .cgroup), ("/a/firecracker/x", .cgroup), ("/firecracker", .cgroup), ("/firecracker/x", .vm),
        ("/system.slice/docker-20261126095014.scope", .unit), ("/system.slice/nerdctl-123456789012.scope", .unit),
        ("/system.slice/crio-conmon-123456789012.scope", .unit), ("/docker-123456789012", .cgroup),
        ("/libpod_parent/\(Sample.otherID)", .cgroup), ("/kata_short", .cgroup), ("/kata_overhead", .cgroup),
        ("/machine-x.scope", .unit), ("/machine.slice/machine-.scope", .unit), ("/systemd-nspawn@.service", .unit),
    ])
    func whatOnlyLooksLikeIt(path: String, kind: CgroupIdentity.Kind) {
        #expect(CgroupIdentity(cgroupPath: path).kind == kind, "\(path)")
    }

    /// Where only what systemd-nspawn makes in it shows that a unit is a machine.
    @Test(arguments: [
        ("/machine.slice/web.scope", "web"), (#"/machine.slice/build\x2dbox.scope"#, "build-box"),
        ("/containers.slice/machine-db.scope", "db"), ("/machine.slice/machine-ci.slice/machine-db.scope", "db"),
        ("/containers.slice/container@db.service", "db"),
    ])
    func machinesByWhatLiesInThem(path: String, id: String) {
        #expect(CgroupIdentity(cgroupPath: path).kind == .unit && CgroupIdentity(cgroupPath: path + "/x").kind == .unit)
        for part in ["/payload", "/supervisor", "/payload/system.slice/nginx.service"] {
            let identity = CgroupIdentity(cgroupPath: path + part)
            #expect(identity.kind == .container && identity.path == path && identity.containerID == id)
            #expect(identity.runtime == "systemd-nspawn" && identity.rule.contains("nspawn"))
        }
        let session = "/user.slice/user-7.slice/user@7.service"
        let ground = UserGround(depth: 3, user: 7)
        let own = CgroupIdentity(cgroupPath: "\(session)\(path)/payload", ground: ground)
        #expect(own.containerID == "7/\(id)" && own.path == session + path && own.userID == 7)
        let unknown = CgroupIdentity(cgroupPath: "\(session)\(path)/payload", ground: UserGround(depth: 3, user: nil))
        #expect(unknown.kind == .unit)
    }

    @Test(arguments: [
        ("/system.slice/web.scope/payload", CgroupIdentity.Kind.unit), ("/machine.slice/mkosi.service/payload", .unit),
        ("/machine.slice/web.scope/x/payload", .unit), ("/machine.slice/.scope/payload", .unit),
        ("/system.slice/a.service/machine.slice/web.scope/payload", .unit),
    ])
    func whatHasAPayloadAndIsNoMachine(path: String, kind: CgroupIdentity.Kind) {
        #expect(CgroupIdentity(cgroupPath: path).kind == kind)
    }

    /// A machine may be called like a driver of libvirt.
    @Test(arguments: [
        (#"machine-qemu\x2dbuilder"#, "qemu-builder"), (#"machine-lxc\x2dhost"#, "lxc-host"),
        (#"machine-ch\x2dtest"#, "ch-test"),
    ])
    func aMachineCalledLikeADriver(scope: String, id: String) {
        let identity = CgroupIdentity(cgroupPath: "/machine.slice/\(scope).scope/payload/init.scope")
        #expect(identity.kind == .container && identity.containerID == id && identity.runtime == "systemd-nspawn")
    }

    @Test func aDriverInAProgram() {
        let scope = #"/machine.slice/machine-qemu\x2dembed\x2d1a2b3c4d\x2d3\x2dweb.scope"#
        let identity = CgroupIdentity(cgroupPath: scope + "/libvirt")
        #expect(identity.kind == .vm && identity.name == "web" && identity.runtime == "libvirt")
    }

    @Test func aPodOfPodmansIsNoContainer() {
        let identity = CgroupIdentity(cgroupPath: "/libpod_parent/\(Sample.otherID)/libpod-\(Sample.id)")
        #expect(identity.containerID == Sample.id && identity.outerContainerID == nil)
    }

    @Test func theRuleThatDecidedIsReported() {
        #expect(
            CgroupIdentity(cgroupPath: "/x/docker-\(Sample.id).scope/init.scope").rule
                == "PREFIX-ID.scope, PREFIX-ID, ID")
        #expect(CgroupIdentity(cgroupPath: "/a.slice/b.service/c").rule == "NAME.service, NAME.scope and other units")
        #expect(CgroupIdentity(cgroupPath: "/a.slice/b.service/c").unit == "b.service")
        #expect(CgroupIdentity(cgroupPath: "/docker/\(Sample.id)").unit == nil)
        #expect(CgroupIdentity(cgroupPath: "/").rule == "the root")
    }
}
