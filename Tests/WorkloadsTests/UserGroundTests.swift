import Linux
import Testing
import Workloads

/// Below a directory of a user, names are that user's word.
@Suite struct UserGroundTests {
    private static let session = "/user.slice/user-1000.slice/user@1000.service"
    private static let ground = UserGround(depth: 3, user: 1000)

    private func read(_ below: String, user: UInt32? = 1000) -> CgroupIdentity {
        CgroupIdentity(cgroupPath: Self.session + below, ground: UserGround(depth: 3, user: user))
    }

    @Test(arguments: [
        "/kubepods/burstable/pod\(Sample.uid)", "/kubepods/burstable/pod\(Sample.uid)/\(Sample.id)",
        "/a/kubepods/burstable/pod\(Sample.uid)/\(Sample.id)/x",
        "/kubepods.slice/kubepods-pod\(Sample.escapedUID).slice/cri-containerd-\(Sample.id).scope",
        "/kubepods.slice/kubepods-pod\(Sample.escapedUID).slice/crio-\(Sample.id).scope",
        "/kubepods-pod\(Sample.escapedUID).slice:cri-containerd:\(Sample.id)", "/cri-containerd-\(Sample.id).scope",
        "/crio-\(Sample.id)", "/k8s.io/\(Sample.id)", "/x/\(Sample.id)", "/slurm/uid_0/job_1",
        "/slurmstepd.scope/job_7",
        #"/machine.slice/machine-qemu\x2d1\x2dweb.scope"#, "/web.libvirt-qemu", "/qemu.slice/100.scope",
        "/kata_\(Sample.id)", "/garden/2b2b7ff3-7c11-4a4c-5ab3-ddee", "/systemd-vmspawn@web.service",
    ])
    func whatOnlyRootMakesIsNotTakenFor(below: String) {
        for user in [1000, nil] as [UInt32?] {
            let identity = read(below, user: user)
            #expect([.cgroup, .unit, .slice].contains(identity.kind), "\(below)")
            #expect(identity.podUID == nil && identity.containerID == nil && identity.jobID == nil, "\(below)")
            #expect(identity.podPath == nil && identity.qos == nil && identity.runtime == nil, "\(below)")
        }
    }

    @Test(arguments: [
        ("/user.slice/libpod-\(Sample.id).scope/container", "podman"), ("/docker-\(Sample.id).scope", "docker"),
        ("/app.slice/docker.service/docker/\(Sample.id)", "docker"), ("/nerdctl-\(Sample.id).scope", "containerd"),
        ("/web.service/libpod-payload-\(Sample.id)", "podman"),
    ])
    func enginesOfUsersKeepTheirContainers(below: String, runtime: String) {
        let identity = read(below)
        #expect(identity.kind == .container && identity.runtime == runtime)
        #expect(identity.containerID == Sample.id && identity.userID == 1000)
        #expect(identity.key == "container:\(Sample.id)")
        // Where the owner is unknown, nothing is taken on trust.
        #expect(read(below, user: nil).containerID == nil)
    }

    /// Two users, and root, may have a container of the same name.
    @Test func namesAreThoseOfTheUser() {
        let mine = read("/app.slice/lxc.payload.web/init.scope")
        #expect(mine.containerID == "1000/web" && mine.name == "web" && mine.userID == 1000)
        #expect(read("/machine.slice/machine-web.scope").containerID == "1000/web")
    }

    /// kind and the like, in a container of a user: what lies inside is part of it, down to the next container.
    @Test func podsInAContainerOfAUserAreNotThePlatforms() {
        let node = "/user.slice/libpod-\(Sample.otherID).scope"
        let inner = read("\(node)/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod\(Sample.escapedUID).slice")
        #expect(inner.kind == .container && inner.containerID == Sample.otherID && inner.podUID == nil)
        let container = read(
            "\(node)/kubelet.slice/kubelet-kubepods-pod\(Sample.escapedUID).slice/cri-containerd-\(Sample.id).scope")
        #expect(container.containerID == Sample.id && container.outerContainerID == Sample.otherID)
        #expect(container.podUID == nil && container.userID == 1000)
    }

    /// LXC, incus and Docker hand the container's own directory to the root inside.
    @Test func aDirectoryThatRootMadeAndGaveAwayKeepsItsName() {
        let path = "/lxc.payload.web/system.slice/docker-\(Sample.id).scope"
        let ground = UserGround(depth: 1, user: 100_000)
        let web = CgroupIdentity(cgroupPath: "/lxc.payload.web/system.slice/x.service", ground: ground)
        #expect(web.containerID == "web" && web.userID == nil)
        let docker = CgroupIdentity(cgroupPath: path, ground: ground)
        #expect(docker.containerID == Sample.id && docker.outerContainerID == "web" && docker.userID == 100_000)
    }

    @Test func aContainerOfAPodThatIsGoneIsStillOfThatPod() {
        let path = "/kubepods/burstable/pod\(Sample.uid)/\(Sample.id)"
        let identity = CgroupIdentity(cgroupPath: path, ground: UserGround(depth: 3, user: nil))
        #expect(identity.containerID == Sample.id && identity.podUID == Sample.uid && identity.userID == nil)
    }

    // MARK: Looking it up

    private func ground(_ path: String, _ owners: [String: UInt32], roots: [String] = ["/m"]) -> UserGround? {
        UserGround(of: path, below: roots, access: { path in owners[path].map { DirectoryAccess(owner: $0) } })
    }

    @Test func theFirstDirectoryOfAUserDecides() {
        let owners: [String: UInt32] = ["/m/": 0, "/m/a": 0, "/m/a/b": 7, "/m/a/b/c": 0]
        #expect(ground("/a/b/c/d", owners) == UserGround(depth: 2, user: 7))
        // The workload's own directory may be anybody's: root made it.
        #expect(ground("/a/b", owners) == nil && ground("/a", owners) == nil && ground("/", owners) == nil)
        #expect(ground("/a/x/y", owners) == UserGround(depth: 2, user: nil))
    }

    @Test func aPartOfTheHierarchyTellsNothingButNames() {
        for roots in [[], ["/m"]] {
            #expect(ground("/kubepods/burstable/x", ["/m/": 0], roots: roots) == nil)
            let path = "/user.slice/user-7.slice/user@7.service/kubepods/burstable/x"
            #expect(ground(path, ["/m/": 0], roots: roots) == UserGround(depth: 3, user: 7))
            #expect(ground("/user.slice/user@x.service/x", ["/m/": 0], roots: roots) == nil)
        }
    }

    @Test func anyHierarchyCounts() {
        let owners: [String: UInt32] = ["/m/": 0, "/n/": 0, "/m/a": 0, "/n/a": 5, "/n/b": 0]
        #expect(ground("/a/x", owners, roots: ["/m", "/n"]) == UserGround(depth: 1, user: 5))
        #expect(ground("/b/x", owners, roots: ["/m", "/n"]) == nil)
    }

    @Test func inAUserNamespaceTheOwnerOfTheHierarchyIsRoot() {
        #expect(ground("/a/x", ["/m/": 65534, "/m/a": 65534]) == nil)
        #expect(ground("/a/x", ["/m/": 65534, "/m/a": 3]) == UserGround(depth: 1, user: 3))
    }

    /// Who owns what lies in a directory of root's that a group, or everybody, may make directories in, decides.
    @Test func whatLiesInASharedDirectoryIsWhoseItIs() {
        let pod = "/shared/pod\(Sample.uid)"
        func ground(_ path: String, _ owners: [String: UInt32], mayRename: Bool = false) -> UserGround? {
            UserGround(of: path, below: ["/m"]) { path in
                let isShared = path == "/m/shared"
                return owners[path].map {
                    DirectoryAccess(owner: $0, isShared: isShared, mayRename: isShared && mayRename)
                }
            }
        }
        let users: [String: UInt32] = ["/m/": 0, "/m/shared": 0, "/m" + pod: 12345]
        #expect(ground(pod, users) == UserGround(depth: 1, user: 12345))
        #expect(ground(pod + "/x/y", users) == UserGround(depth: 1, user: 12345))
        #expect(CgroupIdentity(cgroupPath: pod, ground: ground(pod, users)).podUID == nil)
        // Gone before its owner could be read.
        #expect(ground("/shared/podx", users) == UserGround(depth: 1, user: nil))
        let roots: [String: UInt32] = ["/m/": 0, "/m/shared": 0, "/m" + pod: 0, "/m\(pod)/x": 5]
        #expect(ground(pod, roots) == nil && ground(pod + "/x", roots) == nil)
        #expect(ground(pod + "/x/y", roots) == UserGround(depth: 3, user: 5))
        // With cgroups v1 others may have given it that name.
        #expect(ground(pod, roots, mayRename: true) == UserGround(depth: 1, user: nil))
        #expect(ground("/shared", users, mayRename: true) == nil)
    }

    @Test func platformsMayHaveAnAccountOfTheirOwn() {
        func ground(_ path: String, _ owners: [String: UInt32]) -> UserGround? {
            UserGround(of: path, below: ["/m"], accounts: ["oar": 7, "nomad": 8]) { path in
                owners[path].map { DirectoryAccess(owner: $0) }
            }
        }
        let owners: [String: UInt32] = [
            "/m/": 0, "/m/oar": 7, "/m/oar/alice_4711": 7, "/m/nomad.slice": 8, "/m/nomad.slice/share.slice": 8,
            "/m/a": 0, "/m/a/oar": 7, "/m/hadoop-yarn": 7,
        ]
        #expect(ground("/oar/alice_4711", owners) == nil && ground("/oar/alice_4711/0", owners) == nil)
        #expect(ground("/nomad.slice/share.slice/x", owners) == nil)
        // Only at the top, and only by that account.
        #expect(ground("/a/oar/alice_4711", owners) == UserGround(depth: 2, user: 7))
        #expect(ground("/hadoop-yarn/x", owners) == UserGround(depth: 1, user: 7))
        var others = owners
        others["/m/oar/alice_4711"] = 1000
        #expect(ground("/oar/alice_4711/0", others) == UserGround(depth: 2, user: 1000))
    }

    @Test func deepPathsAreNotFollowed() {
        let path = String(repeating: "/a", count: 100)
        #expect(
            UserGround(of: path, below: ["/m"], access: { _ in DirectoryAccess(owner: 0) })
                == UserGround(depth: 64, user: nil))
    }

    @Test func ownersAreLookedUpOnlyWhereTheyMatter() {
        for path in ["/system.slice/a.service", "/a/b", "/", "/user.slice/user-7.slice"] {
            _ = CgroupIdentity(cgroupPath: path) { _ in
                Issue.record("asked for \(path)")
                return nil
            }
        }
        let found = CgroupIdentity(cgroupPath: "\(Self.session)/docker-\(Sample.id).scope") { _ in Self.ground }
        #expect(found.userID == 1000)
    }
}
