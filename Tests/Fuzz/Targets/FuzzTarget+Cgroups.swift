internal import CEnergyBPF
internal import Linux

@testable internal import Accounting
@testable internal import Workloads

extension FuzzTarget {
    private static let digits = String(repeating: "0123456789abcdef", count: 4)

    /// Layouts of batch systems.
    private static let jobs = [
        "/slurm_n1/uid_1000/job_303/step_0/task_0", "/system.slice/n1_slurmstepd.scope/job_7/step_extern",
        "/pbs_jobs.service/jobid/12.server", "/pbspro.slice/pbspro-12.server.slice",
        "/system.slice/condor.service/htcondor/condor_var_lib_condor_execute_slot1_3@host",
        "/oar/me_12", "/oar.slice/oar-u1000.slice/oar-u1000-j12.slice", "/lsf/cluster/job.12[3].4.5",
        "/torque/12.server", "/UGE/12.1",
    ]

    /// What users who may create cgroups choose, and what the kernel programs write.
    static let cgroups = [
        FuzzTarget(
            "cgroup-path", "the path of a cgroup",
            texts: [
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2c48913c_b29f_11e7_9350_020968147796.slice"
                    + "/cri-containerd-\(digits).scope",
                "/kubepods/besteffort/pod2c48913c-b29f-11e7-9350-020968147796/\(digits)",
                "/docker/\(digits)/docker/\(digits)/system.slice/nginx.service",
                "/system.slice/docker-\(digits).scope/init",
                "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(digits).scope/container",
                "/machine.slice/machine-qemu\\x2d1\\x2dweb\\x2dserver.scope/libvirt/vcpu0",
                "/lxc.payload.web/init.scope",
                "/system.slice/slurmstepd.scope/job_101/step_0/user/task_0", "0::/../../a//./b",
                "5:cpu,cpuacct:/sys/fs/cgroup/x",
                "/machine.slice/systemd-nspawn@web.service/payload/system.slice/a.service", "/ecs/task/\(digits)-12",
            ] + jobs
        ) { bytes in
            let path = NameBytes.text(bytes)
            let identity = CgroupIdentity(cgroupPath: path)
            let normal = CgroupIdentity.normalize(path)
            require(CgroupIdentity.normalize(normal) == normal, "a normalised path stays as it is")
            require(normal.utf8.starts(with: identity.path.utf8), "a workload's path begins its cgroup's")
            require(CgroupIdentity(cgroupPath: normal) == identity, "a path and its normal form are the same workload")
            require(!identity.name.isEmpty, "every workload has a name")
            require(identity.kind != .container || identity.containerID != nil, "a container has an id")
            require(identity.kind != .pod || identity.podUID != nil, "a pod has a uid")
            _ = (identity.key, identity.unit, identity.unitName)
        },
        FuzzTarget(
            "cgroup-ground",
            "the number of directories that are root's, whether the user is known, and a path below them",
            texts: ([
                "/kubepods/pod2c48913c-b29f-11e7-9350-020968147796/\(digits)",
                "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(digits).scope/container",
                "/a/docker-\(digits).scope/kubepods/pod2c48913c-b29f-11e7-9350-020968147796/cri-containerd-\(digits).scope",
                "/a/lxc.payload.web/lxc.payload.db", "/a/machine.slice/machine-web.scope",
            ] + jobs).flatMap { path in ["\u{1}", "\u{2}", "\u{3}"].map { $0 + path } }
        ) { bytes in
            guard let first = bytes.first else { return }
            let user: UInt32? = first < 128 ? 1000 : nil
            let ground = UserGround(depth: Int(first % 16), user: user)
            let path = CgroupIdentity.normalize(NameBytes.text(Array(bytes.dropFirst())))
            let identity = CgroupIdentity(cgroupPath: path, ground: ground)
            func depth(_ path: String) -> Int { path.utf8.split(separator: UInt8(ascii: "/")).count }
            require(path.utf8.starts(with: identity.path.utf8), "a workload's path begins its cgroup's")
            let isUsers = depth(identity.path) > ground.depth
            if [.pod, .job, .vm].contains(identity.kind) {
                require(!isUsers, "a \(identity.kind.rawValue) in the directory of a user")
            }
            if let pod = identity.podPath { require(depth(pod) <= ground.depth, "a pod in the directory of a user") }
            if isUsers { require(identity.userID == user, "what a user made is that user's") }
            // Inside what root made, its container or pod tells whose part something is.
            let isInside = identity.podUID != nil || identity.outerContainerID != nil
            if isUsers, user == nil, !isInside { require(identity.kind != .container, "nobody's container") }
            if isUsers, identity.manager == .system { require(user == nil, "a unit of the system that a user made") }
        },
        FuzzTarget(
            "name-bytes", "the bytes of a file name", largest: 512, texts: ["web", "caf\u{E9}", "e\u{301}\u{AD6D}"]
        ) { bytes in
            let text = NameBytes.text(bytes)
            require(NameBytes.bytes(of: text) == bytes, "a name's text gives its bytes back")
            _ = NameBytes.readable(text)
        },
        FuzzTarget(
            "short-text", "a name or a path of any length", largest: 2048,
            texts: ["/user/\(digits)\(digits)\(digits)\(digits)\(digits)", "a\u{1B}\u{202E}\u{E9}\u{1F600}\u{85}"]
        ) { bytes in
            let long = NameBytes.text(bytes)
            for limit in [64, String.longestShown] {
                let short = long.shortened(to: limit)
                require(printable(short, limit: 5000).utf8.count <= limit, "a shortened text fits where it is shown")
                require(short.shortened(to: limit) == short, "what fits stays as it is")
                require((long + "x").shortened(to: limit) != short, "texts that differ stay two")
                require(!short.contains("\u{FFFD}") || long.contains("\u{FFFD}"), "characters stay whole")
            }
        },
        FuzzTarget(
            "lifecycle-record", "records of the ring of created and removed cgroups, each with its length before it",
            examples: { [[20] + [UInt8](repeating: 1, count: 20)] }
        ) { bytes in
            let directory = CgroupDirectory(hasEvents: true, seesAll: true)
            forEachRecord(of: bytes) { directory.apply($0) }
        },
        FuzzTarget(
            "totals-record", "records of the ring of totals, each with its length before it",
            examples: {
                [[255] + [UInt8](repeating: 0, count: 255), [64] + [1, 0, 0, 0] + [UInt8](repeating: 9, count: 60)]
            }
        ) { bytes in
            forEachRecord(of: bytes) { record in
                if case .cgroup(let totals) = KernelRecords.decode(record) { _ = UsageCounters(totals) }
            }
        },
    ]

    private static func forEachRecord(of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) {
        var rest = bytes[...]
        while let length = rest.popFirst() {
            // A copy of its own, so that reading beyond its end is found.
            let record = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            record.withUnsafeBytes(body)
        }
    }
}
