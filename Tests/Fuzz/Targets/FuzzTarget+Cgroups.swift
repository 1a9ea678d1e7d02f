internal import CEnergyBPF
internal import Linux

@testable internal import Accounting
@testable internal import Workloads

extension FuzzTarget {
    private static let digits = String(repeating: "0123456789abcdef", count: 4)

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
            ]
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
            "name-bytes", "the bytes of a file name", largest: 512, texts: ["web", "caf\u{E9}", "e\u{301}\u{AD6D}"]
        ) { bytes in
            let text = NameBytes.text(bytes)
            require(NameBytes.bytes(of: text) == bytes, "a name's text gives its bytes back")
            _ = NameBytes.readable(text)
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
