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
        ("/ecs/prod/\(task)/\(Sample.id)", nil, Sample.id),
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
        ("/garden/plain", .cgroup), ("/kata_short", .cgroup), ("/kata_overhead", .cgroup),
        ("/machine-x.scope", .unit), ("/machine.slice/machine-.scope", .unit), ("/systemd-nspawn@.service", .unit),
    ])
    func whatOnlyLooksLikeIt(path: String, kind: CgroupIdentity.Kind) {
        #expect(CgroupIdentity(cgroupPath: path).kind == kind, "\(path)")
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
