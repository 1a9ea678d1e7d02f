internal import Linux
internal import Workloads

@testable internal import Names

extension FuzzTarget {
    private static let digits = String(repeating: "0123456789abcdef", count: 4)
    private static let longestFact = 4096

    /// Where names come from, apart from Kubernetes.
    static let names = [
        FuzzTarget(
            "unit-file", "a unit's name, a new line, and its file",
            texts: [
                "getty@tty1.service\n[Unit]\nDescription=Getty on %I\n\n[Service]\nExecStart=/sbin/agetty",
                "a.slice\n[Unit]\r\nDescription=x\r\n",
            ]
        ) { bytes in
            let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            let name = UnitName(text(Array(parts[0])))
            let description = UnitFiles.description(in: text(Array(parts.count > 1 ? parts[1] : [])))
            _ = (name.template, name.expand(description ?? ""))
        },
        FuzzTarget(
            "log-names", "a name in the kubelet's directories of logs", largest: 512,
            texts: [
                "default_web-0_2c48913c-b29f-11e7-9350-020968147796", "web-0_default_nginx-\(digits).log",
                "n_virt-launcher-vm-x_u",
            ]
        ) { bytes in
            let name = NameBytes.text(bytes)
            if let pod = PodLogDirectory(name) {
                require(!pod.name.isEmpty && !pod.namespace.isEmpty && !pod.uid.isEmpty, "a pod has all three names")
                _ = pod.virtualMachine
            }
            if let link = ContainerLogLink(name) {
                require(!link.container.isEmpty && link.id.utf8.count >= 12, "a container has a name and an id")
            }
        },
        FuzzTarget(
            "guest-name", "the command line of QEMU, zero bytes between the arguments",
            texts: ["qemu-system-x86_64\0-name\0guest=web,debug-threads=on\0-m\0512", "qemu\0--name\0a,,b"]
        ) { bytes in
            if let name = GuestNames.guest(in: bytes) { requirePrintable(name) }
        },
        FuzzTarget(
            "runtime-state", "a host's root directory with the state of container runtimes", largest: 8192,
            texts: [
                "var/lib/docker/containers/\(digits)/config.v2.json={\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\",\"Labels\":{}}}",
                "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(digits)/config.json={\"annotations\":"
                    + "{\"io.kubernetes.cri.sandbox-name\":\"web\",\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}",
                "run/containers/storage/overlay-containers/\(digits)/userdata/config.json={\"annotations\":{\"io.kubernetes.pod.name\":\"a\"}}",
                "var/lib/containers/storage/overlay-containers/containers.json=[{\"id\":\"\(digits)\",\"names\":[\"db\"],"
                    + "\"metadata\":\"{\\\"image-name\\\":\\\"redis:7\\\"}\"}]\netc/passwd=root:x:0:0::/root:/bin/sh",
                "etc/passwd=alice:x:1000:1000::/home/alice:/bin/sh\nhome/alice/.local/share/containers/storage/"
                    + "overlay-containers/containers.json=[{\"id\":\"\(digits)\",\"names\":[\"db\"]}]",
                "etc/systemd/system/a.service=[Unit]\\nDescription=A",
                "etc/containers/storage.conf=[storage]\\ngraphroot = \"/data\"\\nrootless_storage_path = \"/u/$USER\"\n"
                    + "etc/passwd=me:x:1000:1000::/home/me:/bin/sh\n"
                    + "data/vfs-containers/volatile-containers.json=[7,{\"id\":\"\(digits)\",\"names\":[\"a\"]}]\n"
                    + "data/vfs-containers/\(digits)/userdata/config.json={\"annotations\":{\"run.oci.handler\":\"wasm\"}}\n"
                    + "u/me/overlay-containers/containers.json=[{\"id\":\"\(digits)\",\"names\":[\"b\"]}]",
                "run/user/1000/containers/overlay-containers/volatile-containers.json=[{\"id\":\"\(digits)\"}]\n"
                    + "run/user/1000/systemd/transient/a.service=[Unit]\\nDescription=Mine",
                "run/containerd/io.containerd.runtime.v2.task/moby/\(digits)/config.json={\"process\":{\"args\":[\"a.wasm\"]}}\n"
                    + "run/containerd/io.containerd.runtime.v2.task/moby/\(digits)/shim-binary-path=/containerd-shim-spin-v2\n"
                    + "var/lib/docker/containers/\(digits)/config.v2.json={\"Name\":\"a\"}\n"
                    + "var/lib/docker/containers/\(digits)/hostconfig.json={\"Runtime\":\"io.containerd.wasmtime.v1\"}",
                "etc/passwd=me:x:1000:1000::/home/me:/bin/sh\ncgroup/cgroup.controllers=\nproc/7/comm=x\n"
                    + "cgroup/slurmstepd.scope/job_1/step_0/cgroup.procs=7",
            ]
        ) { bytes in
            FileTree.with(bytes) { root in
                let paths = HostPaths(
                    procfs: root + "/proc", sysfs: root + "/sys", cgroupfs: root + "/cgroup", logs: root + "/var/log",
                    rootfs: root)
                let ofUser = "/user.slice/user-1000.slice/user@1000.service"
                for path in [
                    "/system.slice/docker-\(digits).scope", "\(ofUser)/libpod-\(digits).scope", "\(ofUser)/a.service",
                    "/system.slice/a.service", "/slurmstepd.scope/job_1",
                ] {
                    let ground = path.hasPrefix(ofUser) ? UserGround(depth: 3, user: 1000) : nil
                    let identity = CgroupIdentity(cgroupPath: path, ground: ground)
                    for source in LocalSource.allCases {
                        for (_, value) in (try? source.facts(of: identity, paths)) ?? [:] {
                            require(value.utf8.count <= longestFact, "a name of \(value.utf8.count) bytes")
                        }
                    }
                }
            }
        },
        FuzzTarget(
            "log-directories", "a directory /var/log with the kubelet's logs",
            texts: [
                "pods/default_web-0_2c48913c-b29f/nginx/\ncontainers/web-0_default_nginx-\(digits).log=", "pods/a_b_c/",
            ]
        ) { bytes in
            FileTree.with(bytes) { root in
                let directories = LogDirectoryNames(logs: root)
                var names = NameTable()
                directories.update(&names, at: 1)
                directories.update(&names, at: 100)
            }
        },
    ]
}

/// Nothing in it moves a cursor, begins an escape sequence or reorders what stands beside it.
func requirePrintable(_ text: String) {
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF:
            require(false, "U+\(String(scalar.value, radix: 16)) in a text that is shown")
        default: break
        }
    }
}
