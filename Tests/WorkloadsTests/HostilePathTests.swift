import TestSupport
import Testing
import Workloads

/// Any user who may create a cgroup chooses its name.
@Suite struct HostilePathTests {
    private static let pieces = [
        "/", "//", "/./", "/..", "..", ":", "::", "0::", "7:cpu:", "-", ".", "\\", "\\x", "\\x2", "\\x2d", "\\xff",
        "\\x2f", "\\xé9", "pod", "-pod", ".slice", ".scope", ".service", "-conmon-", "lxc", "lxc/", "lxc.payload.",
        "lxc.monitor", "machine-qemu", "machine-lxc", "machine-qemu\\x2d1\\x2d", ".libvirt-qemu", "qemu.slice/",
        "docker", "docker-", "cri-containerd-", ":cri-containerd:", "kubepods", "burstable", "podruntime/", "sys/fs/",
        "cgroup", "nomad.slice/", "share.slice/", "ecs/", "garden/", "good/", "kata_", "kata_overhead/",
        "machine.slice/",
        "slurm/uid_1/", "slurmstepd.scope/", "job_", "jobid/", "pbs_jobs.service/", "oar/", "oar.slice/", "oar-u1-j2",
        "htcondor/", "condor_", "slot1", "lsf/", "job.", "torque/", "UGE/", "lxc@", "container@", "user@",
        ".libvirt-ch",
        "machine-", "systemd-nspawn@", "-12", ".web.scope", "/sys/fs/cgroup/", "cpu,cpuacct", "unified", Sample.id,
        Sample.uid, Sample.escapedUID,
        Sample.staticUID, "0", "a", "F", "é", "e\u{301}", "\u{301}", "日本", "👩‍👩‍👧", "\u{0}", "\n", "\r\n", "\u{FFFD}", " ",
    ]

    @Test(arguments: 0..<8)
    func invariantsHold(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...14, using: &random)
            check((0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined())
        }
    }

    @Test func invariantsHoldForRandomBytes() {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...80, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func lengthIsNoDanger() {
        check(String(repeating: "/", count: 200_000))
        check(String(repeating: "/a", count: 50_000))
        check(String(repeating: "a", count: 200_000))
        check(String(repeating: "/sys/fs/cgroup", count: 5_000))
        check(String(repeating: "/lxc", count: 20_000))
        check("/machine-" + String(repeating: "\\x2d", count: 20_000) + ".scope")
        check(String(repeating: "9", count: 50_000) + "::/x")
    }

    private func check(_ input: String) {
        let normal = CgroupIdentity.normalize(input)
        let identity = CgroupIdentity(cgroupPath: input)
        let label = Comment(rawValue: "\(input.prefix(400).debugDescription) -> \(identity.kind)")
        #expect(CgroupIdentity.normalize(normal).utf8.elementsEqual(normal.utf8), label)
        #expect(normal.utf8.first == UInt8(ascii: "/"), label)
        #expect(normal == "/" || normal.utf8.last != UInt8(ascii: "/"), label)
        #expect(!identity.name.isEmpty, label)
        #expect((identity.containerID != nil) == (identity.kind == .container), label)
        #expect((identity.podUID != nil) == (identity.qos != nil), label)
        #expect(identity.kind != .pod || identity.podUID != nil, label)
        #expect((identity.jobID != nil) == (identity.kind == .job), label)
        #expect((identity.key == nil) == (identity.kind == .cgroup), label)
        #expect(isAncestorOrSelf(identity.path, of: normal), label)
        #expect(identity.podPath.map { isAncestorOrSelf($0, of: identity.path) } ?? true, label)
        // The part that was cut off does not matter: the workload's own path reads the same.
        #expect(CgroupIdentity(cgroupPath: identity.path) == identity, label)
        for depth in 0...3 {
            let ground = UserGround(depth: depth, user: 1000)
            let users = CgroupIdentity(cgroupPath: input, ground: ground)
            #expect(isAncestorOrSelf(users.path, of: normal), label)
            #expect(CgroupIdentity(cgroupPath: users.path, ground: ground) == users, label)
            #expect(depth > 0 || users.podUID == nil && users.kind != .vm && users.kind != .job, label)
        }
    }

    private func isAncestorOrSelf(_ path: String, of other: String) -> Bool {
        guard other.utf8.starts(with: path.utf8) else { return false }
        return path == "/" || path.utf8.count == other.utf8.count
            || other.utf8.dropFirst(path.utf8.count).first == UInt8(ascii: "/")
    }
}
