import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// Containers that crun makes at the paths that a kubelet would choose, one after the other, each with the directory
/// and the link that a kubelet makes for its logs.
private struct ChurningPods {
    let namespaces = ["shop", "ops"]
    let ids: [String]
    let parents: [String]
    private let bundle: TemporaryDirectory
    private let mark = String(10_000_000 + getpid() % 10_000_000)

    var logs: String { bundle.path + "/log" }

    init(_ count: Int) throws {
        bundle = try TemporaryDirectory()
        let mark = mark
        ids = (0..<count).map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "c0ffee42", count: 6) + mark + String(repeating: "0", count: 8 - digits.count)
                + digits
        }
        // Both drivers of the kubelet: cgroupfs and systemd.
        parents = ["/energyd-test-\(getpid())-kubepods/burstable", "/energyd-test-\(getpid())-kubepods.slice"]
        for name in [
            "rootfs", "rootfs/bin", "rootfs/proc", "rootfs/sys", "rootfs/dev", "log", "log/pods", "log/containers",
        ] {
            mkdir("\(bundle.path)/\(name)", 0o755)
        }
    }

    func uid(_ number: Int) -> String { "7d1e2f30-aaaa-4bbb-8ccc-\(100_000 + getpid() % 900_000)\(100_000 + number)" }

    func cgroup(_ number: Int) -> String {
        number % 2 == 0
            ? "\(parents[0])/pod\(uid(number))/\(ids[number])"
            : "\(parents[1])/kubepods-burstable-pod\(uid(number).replacing("-", with: "_")).slice"
                + "/cri-containerd-\(ids[number]).scope"
    }

    func namespace(_ number: Int) -> String { namespaces[number % 3 == 0 ? 1 : 0] }

    /// Starts them, eight at a time, each for a moment of work.
    func start() throws -> Child {
        let lines = ids.indices.map { number in
            "\(number) \(ids[number]) \(cgroup(number)) \(namespace(number))_web-\(number)_\(uid(number)) "
                + "web-\(number)_\(namespace(number))_app-\(ids[number]).log"
        }
        try writeFile(bundle.path + "/pods", lines.joined(separator: "\n") + "\n")
        let script = """
            set -e
            cp "$(command -v busybox)" \(bundle.path)/rootfs/bin/sh
            cd \(bundle.path) && crun spec
            python3 - <<'END'
            import json, os
            spec = json.load(open("config.json"))
            spec["process"].pop("rlimits", None)
            spec["process"]["terminal"] = False
            spec["process"]["args"] = ["sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"]
            spec["linux"].pop("resources", None)
            spec["root"]["path"] = os.path.abspath("rootfs")
            for line in open("pods"):
                number, id, cgroup, *_ = line.split()
                spec["linux"]["cgroupsPath"] = cgroup
                os.mkdir("b" + number)
                json.dump(spec, open("b" + number + "/config.json", "w"))
            END
            # crun wants a purely unified tree: give it one, of the same cgroups.
            exec unshare --mount --propagation private /bin/bash -c '
                if [ -d /sys/fs/cgroup/unified ]; then
                    umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
                fi
                one() {
                    mkdir -p log/pods/$4/app
                    ln -s x log/containers/$5
                    crun --root \(bundle.path)/state --cgroup-manager=cgroupfs run --bundle b$1 $2 </dev/null
                    rm log/containers/$5; rm -r log/pods/$4
                    rmdir /sys/fs/cgroup$3 /sys/fs/cgroup${3%/*} 2>/dev/null
                    true
                }
                while read -r line; do
                    while [ $(jobs -rp | wc -l) -ge 8 ]; do wait -n; done
                    one $line &
                done < pods
                wait'
            """
        return try Child(["/bin/bash", "-c", script])
    }

    func remove(_ root: String) {
        for number in ids.indices {
            rmdir(root + cgroup(number))
            rmdir(root + cgroup(number).split(separator: "/").dropLast().map { "/\($0)" }.joined())
        }
        for path in parents + [String(parents[0].dropLast("/burstable".count))] { rmdir(root + path) }
    }
}

extension RealKernel {
    /// Names of real containers.
    @Suite struct Names {
        @Test(
            .enabled(
                if: Conditions.isRoot && Conditions.has("crun") && Conditions.has("busybox"),
                "needs root, crun, busybox"))
        func everyContainerOfAChurnIsNamedOnceAndTheJoulesAddUp() throws {
            let tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"))
            let pods = try ChurningPods(50)
            for path in [String(pods.parents[0].dropLast("/burstable".count))] + pods.parents {
                mkdir(tree.root + path, 0o755)
            }
            defer { pods.remove(tree.root) }
            let agent = try AgentProcess(["--sample.interval=200ms", "--path.logs=\(pods.logs)"])
            let children = try pods.start()
            #expect(children.wait(seconds: 60) == 0, "\(children.output)")
            let snapshot = try agent.freshSnapshot()

            let found = Dictionary(grouping: snapshot.workloads, by: \.id)
            #expect(found.values.allSatisfy { $0.count == 1 })
            for number in pods.ids.indices {
                let container = try #require(found["container:\(pods.ids[number])"]?.first, "\(number)")
                let pod = try #require(found["pod:\(pods.uid(number))"]?.first)
                #expect(container.name == "app" && container.parentId == pod.id)
                #expect(pod.name == "web-\(number)" && pod.parentId == "namespace:\(pods.namespace(number))")
                #expect(container.cpuSeconds > 0 && pod.cpuSeconds >= container.cpuSeconds)
            }
            // The tree's joules and seconds: containers in pods, pods in namespaces, namespaces in the node.
            #expect(snapshot.addsUp)
            func energy(_ workload: Snapshot.Workload) -> UInt64 {
                workload.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules + $1.staticMicrojoules }
            }
            for namespace in pods.namespaces {
                let whole = try #require(found["namespace:\(namespace)"]?.first)
                let parts = snapshot.workloads.filter { $0.parentId == whole.id }
                #expect(parts.count == pods.ids.indices.count { pods.namespace($0) == namespace })
                #expect(energy(whole) > 0 && energy(whole) == parts.reduce(0) { $0 + energy($1) })
            }
            // And the kernel's own account.
            let truth = try pods.parents.reduce(0.0) { $0 + Double(try tree.cpuMicroseconds(path: $1)) / 1e6 }
            let ours = pods.namespaces.reduce(0.0) { $0 + (found["namespace:\($1)"]?.first?.cpuSeconds ?? 0) }
            #expect(truth > 0.5 && abs(ours - truth) <= 0.005 * truth + 0.002, "\(ours) s, cpu.stat \(truth) s")
            #expect(snapshot.agent.faults["lifecycle_records_lost"] == 0)
        }

        /// 250 pods with 1,000 containers, one of the pods replaced every second.
        @Test(.enabled(if: Conditions.isRoot, Conditions.rootReason)) func namingCostsATenthOfTheTickAtMost() throws {
            let logs = try TemporaryDirectory()
            for name in ["pods", "containers"] { mkdir("\(logs.path)/\(name)", 0o755) }
            let top = try TestCgroup("crowd")
            func digits(_ number: Int, _ width: Int) -> String {
                let text = String(number)
                return String(repeating: "0", count: width - text.count) + text
            }
            func uid(_ pod: Int) -> String { "7d1e2f30-aaaa-4bbb-8ccc-\(digits(pod, 12))" }
            func directory(_ pod: Int) -> String { "\(top.directory)/pod\(uid(pod))" }
            func id(_ pod: Int, _ container: Int) -> String { digits(pod, 60) + digits(container, 4) }
            func make(_ pod: Int) {
                mkdir(directory(pod), 0o755)
                mkdir("\(logs.path)/pods/team-\(pod % 20)_web-\(pod)_\(uid(pod))", 0o755)
                for container in 0..<4 {
                    mkdir("\(directory(pod))/\(id(pod, container))", 0o755)
                    let link = "web-\(pod)_team-\(pod % 20)_c\(container)-\(id(pod, container)).log"
                    symlink("x", "\(logs.path)/containers/\(link)")
                }
            }
            func remove(_ pod: Int) {
                for container in 0..<4 { rmdir("\(directory(pod))/\(id(pod, container))") }
                rmdir(directory(pod))
            }
            for pod in 0..<250 { make(pod) }
            var next = 250
            defer { for pod in 0..<next { remove(pod) } }
            let agent = try AgentProcess(["--sample.interval=500ms", "--path.logs=\(logs.path)"])
            var ticks: [(naming: [Double], all: [Double])] = [([], []), ([], [])]
            var last: Snapshot?
            for round in 0..<12 {
                let before = try agent.snapshot().sequence
                if round % 2 == 0 {
                    remove(next - 250)
                    make(next)
                    next += 1
                }
                // The tick that met them.
                let snapshot = try agent.snapshot("after a change") { $0.sequence > before }
                ticks[round % 2].naming.append(snapshot.agent.namingSeconds ?? 1)
                ticks[round % 2].all.append(snapshot.agent.tickSeconds)
                last = snapshot
            }
            let snapshot = try #require(last)
            let pods = snapshot.workloads.filter { $0.kind == "pod" && $0.isAlive && $0.cgroupPath.hasPrefix(top.path) }
            #expect(pods.count == 250 && pods.allSatisfy { $0.name.hasPrefix("web-") })
            let containers = snapshot.workloads.filter { $0.kind == "container" && $0.cgroupPath.hasPrefix(top.path) }
            #expect(
                containers.count { $0.isAlive } == 1000 && containers.allSatisfy { $0.labels["k8s.pod.name"] != nil })
            #expect(snapshot.addsUp)
            // Medians: a tick that was held up says nothing about names.
            func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
            let naming = ticks.reduce(0) { $0 + median($1.naming) }
            let all = ticks.reduce(0) { $0 + median($1.all) }
            #expect(naming <= 0.1 * all, "names \(naming * 1000) ms of \(all * 1000) ms, in two ticks")
        }
    }
}
