import Glibc
import Linux
import Snapshot
import Telemetry
import TestSupport
import Testing

extension RealKernel {
    /// The programs that energyd works with.
    @Suite struct Peers {
        /// promtool reads the text format only; OpenMetrics is read by Prometheus' own parser in ``Increases``, and by
        /// `prometheus_client` in the unit tests.
        @Test(
            .enabled(if: Conditions.has("promtool"), "needs promtool (Debian: prometheus)"),
            arguments: [[], ["--metrics.scope", "--scheduling", "--metrics.labels=default,k8s.node.name"]])
        func promtoolFindsNothingToSay(_ flags: [String]) throws {
            let agent = try AgentProcess(["--processes=on"] + flags)
            let directory = try TemporaryDirectory()
            try directory.write(try #require(httpGet(port: agent.port, "/metrics")).body, to: "metrics")
            let (code, output) = try Child.run(["sh", "-c", "promtool check metrics < \(directory.path)/metrics"])
            #expect(code == 0, "\(output)")
            #expect(output.isEmpty, "\(output)")
        }

        @Test(.enabled(if: Conditions.has("prometheus"), "needs prometheus (Debian: prometheus)"))
        func prometheusScrapesIt() throws {
            let agent = try AgentProcess(["--sample.interval=500ms"])
            let directory = try TemporaryDirectory()
            try directory.write(
                """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: energyd
                    static_configs: [{targets: ["127.0.0.1:\(agent.port)"]}]
                """, to: "prometheus.yml")
            let port = try freePort()
            let prometheus = try Child([
                "prometheus", "--config.file=\(directory.path)/prometheus.yml",
                "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(port)",
            ])
            func query(_ expression: String) -> String {
                httpGet(port: port, "/api/v1/query?query=\(expression)")?.body ?? ""
            }
            // Two scrapes, so that there is a rate.
            eventually(every: 0.5) { query("rate(hw_energy_joules_total[10s])").contains("\"value\"") }
            #expect(query("up").contains(",\"1\"]"), "\(prometheus.output)")
            #expect(query("rate(hw_energy_joules_total[10s])").contains("\"value\""))
            // The parts add up in PromQL too.
            let sum = "sum(energyd_node_energy_joules_total)-sum(hw_energy_joules_total)"
            let difference = query(sum.replacing("+", with: "%2B"))
            #expect(difference.contains("\"value\""))
            let number = difference.split(separator: "\"").last { Double($0) != nil }.flatMap { Double($0) }
            #expect(abs(try #require(number)) < 1e-5, "\(difference)")
        }

        /// A container that crun made at the path that a kubelet would choose.
        @Test(
            .enabled(
                if: Conditions.isRoot && Conditions.has("crun") && Conditions.has("busybox"),
                "needs root, crun, busybox"))
        func aRealContainerInAPodIsRecognised() throws {
            let agent = try AgentProcess(["--sample.interval=200ms"])
            let bundle = try TemporaryDirectory()
            for name in ["rootfs", "rootfs/bin", "rootfs/proc", "rootfs/sys", "rootfs/dev"] {
                mkdir("\(bundle.path)/\(name)", 0o755)
            }
            let id = String(repeating: "c0ffee42", count: 7) + String(10_000_000 + getpid() % 10_000_000)
            let uid =
                "7d1e2f30-aaaa-4bbb-8ccc-\(String(repeating: "0", count: 6))\(String(100_000 + getpid() % 900_000))"
            let script = """
                set -e
                cp "$(command -v busybox)" \(bundle.path)/rootfs/bin/sh
                cd \(bundle.path) && crun spec
                python3 - <<'END'
                import json
                spec = json.load(open("config.json"))
                spec["process"].pop("rlimits", None)
                spec["process"]["terminal"] = False
                spec["process"]["args"] = ["sh", "-c", "while :; do :; done"]
                spec["linux"]["cgroupsPath"] = "/kubepods/burstable/pod\(uid)/\(id)"
                spec["linux"].pop("resources", None)
                json.dump(spec, open("config.json", "w"))
                END
                # crun wants a purely unified tree: give it one, of the same cgroups.
                exec unshare --mount --propagation private /bin/sh -c '
                    if [ -d /sys/fs/cgroup/unified ]; then
                        umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
                    fi
                    exec crun --cgroup-manager=cgroupfs run \(id)'
                """
            let container = try Child(["/bin/bash", "-c", script])
            defer { endContainer(id, below: "/kubepods/burstable/pod\(uid)") }
            var snapshot = try agent.snapshot()
            eventually {
                snapshot = (try? agent.freshSnapshot()) ?? snapshot
                return snapshot.workloads.contains { $0.id == "container:\(id)" && $0.cpuSeconds > 0.5 }
            }
            let workload = try #require(snapshot.workloads.first { $0.id == "container:\(id)" }, "\(container.output)")
            #expect(workload.kind == "container" && workload.name == String(id.prefix(12)))
            #expect(workload.parentId == "pod:\(uid)")
            #expect(workload.labels["k8s.pod.qos"] == "Burstable")
            #expect(workload.cpuSeconds > 0.5 && workload.powerWatts ?? 0 > 0)
            let pod = try #require(snapshot.workloads.first { $0.id == "pod:\(uid)" })
            #expect(pod.cpuSeconds >= workload.cpuSeconds && pod.parentId == nil)
            #expect(snapshot.addsUp)
        }

        /// Ends the container by its own cgroup and removes what crun made.
        private func endContainer(_ id: String, below pod: String) {
            guard let root = CgroupTree(cgroupfs: "/sys/fs/cgroup")?.root else { return }
            let directory = "\(root)\(pod)/\(id)"
            _ = try? Child.run(["sh", "-c", "echo 1 > \(directory)/cgroup.kill"])
            eventually(within: 10) { (try? readText(directory + "/cgroup.procs").isEmpty) ?? true }
            _ = try? Child.run(["sh", "-c", "crun delete --force \(id); rm -rf /run/crun/\(id)"])
            for path in [directory, root + pod, root + "/kubepods/burstable", root + "/kubepods"] { rmdir(path) }
        }
    }
}
