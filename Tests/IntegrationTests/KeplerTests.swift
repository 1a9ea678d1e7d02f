import FoundationEssentials
import Glibc
import Linux
import Simulation
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// Kepler's dashboards, asked of the real Prometheus that scrapes a real agent.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("prometheus"), "needs root, prometheus (Debian: prometheus)"))
    struct Kepler {
        /// Metrics that both published dashboards ask for, and the labels that they select and group by. Those of GPUs
        /// have no data on a node without any, in Kepler as here.
        private static let asked: [(metric: String, labels: [String])] = [
            ("kepler_node_cpu_watts", ["job", "instance", "zone", "node_name"]),
            ("kepler_node_cpu_active_watts", ["job", "instance", "zone"]),
            ("kepler_node_cpu_idle_watts", ["job", "instance", "zone"]),
            ("kepler_node_cpu_info", ["job", "instance", "model_name"]),
            ("kepler_process_cpu_watts", ["job", "zone", "pid", "comm"]),
            ("kepler_container_cpu_watts", ["job", "zone", "container_name"]),
            ("kepler_pod_cpu_watts", ["job", "zone", "pod_namespace", "pod_name"]),
            ("kepler_vm_cpu_watts", ["job", "zone", "vm_name"]),
            ("kepler_container_joules_total", ["job", "container_namespace", "pod_name", "mode"]),
            ("kepler_container_package_joules_total", ["container_namespace", "pod_name"]),
            ("kepler_container_dram_joules_total", ["container_namespace", "pod_name"]),
            ("kepler_container_other_joules_total", ["container_namespace", "pod_name"]),
        ]

        private let job = "integrations/kepler"

        @Test func itsDashboardsShowWhatTheSnapshotSays() throws {
            let (uid, id) = (
                "7d1e2f30-aaaa-4bbb-8ccc-\(200_000_000_000 + Int(getpid()))", String(repeating: "c0ffee43", count: 8)
            )
            let logs = try TemporaryDirectory()
            for name in ["pods", "containers"] { mkdir("\(logs.path)/\(name)", 0o755) }
            mkdir("\(logs.path)/pods/shop_web_\(uid)", 0o755)
            symlink("x", "\(logs.path)/containers/web_shop_app-\(id).log")
            let node = try SimulatedNode(
                "kepler", names: ["pods", "machines"], simulator: ["--package=20:15", "--dram=4:2", "--platform=30"],
                agent: [
                    "--compat.kepler=both", "--sample.interval=3s", "--path.logs=\(logs.path)",
                    "--metrics.start-at-zero=0s", "--power.attribute-platform",
                ])
            let pods = try node.cgroup("pods").directory
            let machine = try node.cgroup("machines").directory + "/machine-qemu\\x2d1\\x2dguest.scope"
            let container = "\(pods)/pod\(uid)/\(id)"
            for path in ["\(pods)/pod\(uid)", container, machine] { mkdir(path, 0o755) }
            defer { for path in [container, machine] { rmdir(path) } }
            let loads = try [container, machine].map { try Child(["/bin/sh", "-c", Load.steady], cgroup: $0) }
            defer { for load in loads { load.stop() } }
            let prometheus = try PrometheusServer(scraping: node.agent, job: job)
            try prometheus.wait(for: #"kepler_pod_cpu_watts{pod_name="web",zone="package"} > 0"#)
            try prometheus.wait(for: #"kepler_vm_cpu_watts{vm_name="guest",zone="package"} > 0"#)
            try prometheus.wait(for: #"irate(kepler_container_joules_total{pod_name="web"}[1m]) > 0"#)

            let (snapshot, time) = try moment(node.agent)
            for (metric, labels) in Self.asked {
                for label in labels {
                    let found = try prometheus.ask("count by (\(label)) (\(metric){\(label)!=\"\"})", at: time)
                    #expect(!found.isEmpty, "\(metric) has no \(label)")
                }
            }
            let day = #"sum(increase((kepler_container_joules_total{container_namespace="shop"})[24h:1s]))"#
            #expect(try prometheus.ask(day, at: time).first?.value ?? 0 > 1)
            try compareNode(prometheus, snapshot, at: time)
            try compareWorkloads(prometheus, snapshot, at: time, uid: uid, id: id)
            try chooseInDashboards(prometheus, node.agent, at: time, pid: loads[0].pid)
            try askDashboards(prometheus, at: time, pid: loads[0].pid)
        }

        /// A snapshot and a time at which Prometheus has its figures and no others.
        private func moment(_ agent: AgentProcess) throws -> (Snapshot, Double) {
            try waitFor("a window with two scrapes") {
                let before = try agent.freshSnapshot()
                usleep(1_200_000)
                var now = timespec()
                clock_gettime(CLOCK_REALTIME, &now)
                let after = try agent.snapshot()
                return before.sequence == after.sequence
                    ? (before, Double(now.tv_sec) + Double(now.tv_nsec) / 1e9) : nil
            }
        }

        private func expect(
            _ prometheus: PrometheusServer, _ query: String, at time: Double, is expected: Double?,
            location: SourceLocation = #_sourceLocation
        ) throws {
            let found = try prometheus.ask(query, at: time)
            let expected = try #require(expected, sourceLocation: location)
            #expect(
                found.count == 1 && abs(found[0].value - expected) <= 1e-6 * max(1, abs(expected)),
                "\(query): \(found.map(\.value)), the snapshot has \(expected)", sourceLocation: location)
        }

        private func compareNode(_ prometheus: PrometheusServer, _ snapshot: Snapshot, at time: Double) throws {
            for (ours, name) in [("package-0", "package"), ("dram-0", "dram")] {
                let zone = try #require(snapshot.node.zones.first { $0.name == ours })
                let watts = try #require(zone.powerWatts)
                func ask(_ metric: String, _ expected: Double) throws {
                    let query = "sum by (zone) (\(metric){job=\"\(job)\",zone=\"\(name)\"})"
                    try expect(prometheus, query, at: time, is: expected)
                }
                try ask("kepler_node_cpu_watts", watts)
                try ask("kepler_node_cpu_idle_watts", min(watts, zone.staticWatts))
                try ask("kepler_node_cpu_active_watts", max(0, watts - zone.staticWatts))
                try ask("kepler_node_cpu_joules_total", Double(zone.energyMicrojoules) / 1e6)
                let old = "kepler_node_\(name)_joules_total"
                try expect(prometheus, "sum(\(old))", at: time, is: Double(zone.energyMicrojoules) / 1e6)
            }
            try expect(
                prometheus, #"kepler_node_cpu_watts{zone="psys"}"#, at: time, is: snapshot.node.powerWatts)
            try expect(
                prometheus, "kepler_node_cpu_usage_ratio", at: time,
                is: snapshot.node.cpuUsage / Double(snapshot.node.cpuCount))
        }

        private func compareWorkloads(
            _ prometheus: PrometheusServer, _ snapshot: Snapshot, at time: Double, uid: String, id: String
        ) throws {
            let pod = try #require(snapshot.workloads.first { $0.labels["k8s.pod.uid"] == uid && $0.kind == "pod" })
            let container = try #require(snapshot.workloads.first { $0.labels["container.id"] == id })
            let vm = try #require(snapshot.workloads.first { $0.kind == "vm" && $0.name == "guest" })
            let all = #"zone="psys",job="\#(job)""#
            for (metric, labels, workload) in [
                ("pod", #"pod_namespace="shop",pod_name="web""#, pod),
                ("container", #"container_id="\#(id)",pod_id="\#(uid)",container_name="app""#, container),
                ("vm", #"vm_name="guest",hypervisor="kvm""#, vm),
            ] {
                let joules = workload.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules }
                let state = #"state="running",\#(labels)"#
                try expect(
                    prometheus, "kepler_\(metric)_cpu_watts{\(all),\(state)}", at: time, is: workload.powerWatts)
                try expect(
                    prometheus, "kepler_\(metric)_cpu_joules_total{\(all),\(state)}", at: time, is: Double(joules) / 1e6
                )
                let package = Double(workload.zones["package-0"]?.dynamicMicrojoules ?? 0) / 1e6
                try expect(
                    prometheus, "kepler_\(metric)_cpu_joules_total{zone=\"package\",\(state)}", at: time, is: package)
            }
            let joules = container.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules }
            let old = #"kepler_container_joules_total{mode="dynamic",container_namespace="shop",pod_name="web"}"#
            try expect(prometheus, old, at: time, is: Double(joules) / 1e6)
            try expect(
                prometheus, #"kepler_container_cpu_seconds_total{container_id="\#(id)"}"#, at: time,
                is: container.cpuSeconds)
            let process = try #require(snapshot.processes.first { $0.workloadId == container.id })
            try expect(
                prometheus, #"kepler_process_cpu_watts{\#(all),type="container",container_id="\#(id)"}"#, at: time,
                is: process.powerWatts)
        }

        /// What the variables at the top of both dashboards offer, each for the choices before it, and that the panels have
        /// data for every choice: as Grafana asks, by the values of a label, and for processes by a query.
        private func chooseInDashboards(
            _ prometheus: PrometheusServer, _ agent: AgentProcess, at time: Double, pid: pid_t
        ) throws {
            #expect(try prometheus.values(of: "job", in: "kepler_node_cpu_watts") == [job])
            let ofJob = #"job="\#(job)""#
            func offered(_ metric: String, _ label: String, _ more: String = "") throws -> [String] {
                try prometheus.values(of: label, in: "\(metric){\(more.isEmpty ? ofJob : "\(ofJob),\(more)")}")
            }
            let nodes = try offered("kepler_node_cpu_info", "instance")
            let zones = try offered("kepler_node_cpu_watts", "zone")
            let namespaces = try offered("kepler_pod_cpu_watts", "pod_namespace")
            let pods = try offered("kepler_pod_cpu_watts", "pod_name", #"pod_namespace=~"shop""#)
            let machines = try offered("kepler_vm_cpu_watts", "vm_name")
            let containers = try prometheus.values(of: "container_name", in: "kepler_container_cpu_watts")
            #expect(nodes == ["127.0.0.1:\(agent.port)"] && zones == ["dram", "package", "psys"])
            #expect(namespaces == ["shop"] && pods == ["web"])
            #expect(machines == ["guest"] && containers == ["app"])
            for zone in zones {
                for panel in [
                    #"kepler_node_cpu_watts{instance=~"\#(nodes[0])""#,
                    #"kepler_node_cpu_active_watts{instance=~"\#(nodes[0])""#,
                    #"kepler_node_cpu_idle_watts{instance=~"\#(nodes[0])""#,
                    #"kepler_container_cpu_watts{container_name=~"app""#,
                    #"kepler_pod_cpu_watts{pod_namespace=~"shop",pod_name=~"web""#,
                    #"kepler_vm_cpu_watts{vm_name=~"guest""#,
                ] {
                    let query = "\(panel),\(ofJob),zone=~\"\(zone)\"}"
                    #expect(try prometheus.ask(query, at: time).count == 1, "\(query)")
                }
            }
            // A process is chosen by a label that the dashboard makes of two, and shown by its number.
            let processes = try prometheus.ask(
                #"label_join(count by (pid, comm) (kepler_process_cpu_watts{\#(ofJob)}), "process", " | ", "comm", "pid")"#,
                at: time)
            let load = processes.filter { $0.metric["pid"] == "\(pid)" }
            #expect(load.count == 1 && load[0].metric["process"] == "\(load[0].metric["comm"] ?? "?") | \(pid)")
            #expect(processes.allSatisfy { $0.metric["comm"]?.isEmpty == false })
            let panel = #"kepler_process_cpu_watts{\#(ofJob),zone=~"package",pid="\#(pid)"}"#
            #expect(try prometheus.ask(panel, at: time).count == 1)

            // The older one has no job.
            let old = "kepler_container_package_joules_total"
            #expect(try prometheus.values(of: "container_namespace", in: old) == ["shop"])
            #expect(try prometheus.values(of: "pod_name", in: #"\#(old){container_namespace=~"shop"}"#) == ["web"])
            for zone in ["package", "dram", "other"] {
                let counter =
                    "kepler_container_\(zone)_joules_total" + #"{container_namespace=~"shop", pod_name=~"web"}[1m]"#
                let query = "sum by (pod_name, container_namespace) (irate(\(counter)))"
                let found = try prometheus.ask(query, at: time).map(\.metric)
                #expect(found == [["pod_name": "web", "container_namespace": "shop"]], "\(query)")
                // Two scrapes of one window have the same value: over a minute it has grown.
                #expect(try prometheus.value("sum(rate(\(counter)))", at: time) ?? 0 > 0, "\(query)")
            }
        }

        /// Every query of the dashboards whose files KEPLER_DASHBOARDS names, separated by colons; they are not ours to
        /// ship. https://github.com/sustainable-computing-io/kepler has the current one, its tag v0.7.12 the older.
        private func askDashboards(_ prometheus: PrometheusServer, at time: Double, pid: pid_t) throws {
            guard let paths = getenv("KEPLER_DASHBOARDS").map({ String(cString: $0) }) else { return }
            let variables = [
                ("$job", job), ("$zone", ".+"), ("$node", ".+"), ("${process}", "\(pid)"), ("$namespace", ".*"),
                ("$container", ".*"), ("$pod", ".*"), ("$vm", ".*"), ("$watt_per_second_to_kWh", "0.000000277777"),
                ("$coal", "2.23"), ("$natural_gas", "0.91"), ("$petroleum", "2.13"),
            ]
            for path in paths.split(separator: ":") {
                let text = try readText(String(path), limit: 16 << 20)
                for expression in try decode(Queries.self, text).all {
                    let query = variables.reduce(expression) { $0.replacing($1.0, with: $1.1) }
                    // Steps of a minute need two whole minutes; what was scraped last holds for five.
                    let answer = try prometheus.ask(query, at: time + (query.contains("[24h:1m]") ? 150 : 0))
                    let values = answer.prefix(3).map { "\($0.value)" }.joined(separator: " ")
                    print(
                        "\(answer.count) \(query.split(whereSeparator: \.isWhitespace).joined(separator: " ")): \(values)"
                    )
                    #expect(answer.isEmpty == query.contains("_gpu_"), "\(query)")
                }
            }
        }

        /// The texts of all keys `expr` of a document.
        private struct Queries: Decodable {
            private struct AnyKey: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init?(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }

            var all: [String] = []

            init(from decoder: any Decoder) throws {
                if let object = try? decoder.container(keyedBy: AnyKey.self) {
                    for key in object.allKeys {
                        if key.stringValue == "expr", let text = try? object.decode(String.self, forKey: key) {
                            all.append(text)
                        } else {
                            all += try object.decode(Queries.self, forKey: key).all
                        }
                    }
                } else if var list = try? decoder.unkeyedContainer() {
                    while !list.isAtEnd { all += try list.decode(Queries.self).all }
                }
            }
        }
    }
}
