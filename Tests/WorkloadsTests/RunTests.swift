import Testing
import Workloads

/// What `energyctl run` measures is a workload of its own wherever it was started.
@Suite struct RunTests {
    @Test(
        arguments: [
            ("/energyd-run-0-1", "/energyd-run-0-1"),
            ("/user.slice/user-1000.slice/session-2.scope/energyd-run-1000-7", nil),
            ("/system.slice/docker-\(Sample.id).scope/energyd-run-a", nil),
            ("/kubepods/burstable/pod\(Sample.uid)/\(Sample.id)/energyd-run-a", nil),
            ("/kubepods/pod\(Sample.uid)/energyd-run-a", nil),
            (
                "/system.slice/cron.service/energyd-run-a/b/c.service/d",
                "/system.slice/cron.service/energyd-run-a"
            ),
            ("/energyd-run-a/b/energyd-run-c", nil),
        ] as [(String, String?)])
    func aRunIsAWorkload(_ path: String, _ expected: String?) {
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .cgroup && identity.path == expected ?? path)
        // Its parent is what lies right above it, not a pod or a namespace.
        #expect(identity.podUID == nil && identity.podPath == nil && identity.key == nil)
        let ground = UserGround(depth: 1, user: 1000)
        #expect(CgroupIdentity(cgroupPath: path, ground: ground).path == identity.path)
    }

    @Test(arguments: ["/system.slice/cron.service/energyd-runner", "/system.slice/cron.service/my-energyd-run-1"])
    func otherNamesAreNot(_ path: String) {
        #expect(CgroupIdentity(cgroupPath: path).path == "/system.slice/cron.service")
    }

    /// A container that a command starts below its own cgroup is a container.
    @Test func containersInARunAreContainers() {
        let identity = CgroupIdentity(cgroupPath: "/a.service/energyd-run-1/libpod-\(Sample.id)")
        #expect(identity.kind == .container && identity.containerID == Sample.id)
    }
}
