import Formatting
import GoldenSupport
import Linux
import Snapshot
import SnapshotSamples
import TestSupport
import Testing

@testable import Telemetry

@Suite struct KeplerTests {
    /// Metrics of Kepler 0.11 and the labels of each, but those of GPUs: facts of its docs/user/metrics.md.
    private static let current: [String: Set<String>] = {
        let (zone, user) = (["zone", "path", "node_name"], ["state", "zone", "node_name"])
        let container = ["container_id", "container_name", "runtime", "pod_id"]
        let (pod, vm) = (["pod_id", "pod_name", "pod_namespace"], ["vm_id", "vm_name", "hypervisor"])
        let process = ["pid", "comm", "exe", "type", "container_id", "vm_id"]
        var facts: [String: [String]] = [
            "kepler_node_cpu_usage_ratio": ["node_name"],
            "kepler_node_cpu_info": ["processor", "vendor_id", "model_name", "physical_id", "core_id"],
            "kepler_build_info": ["arch", "branch", "revision", "version", "goversion"],
            "kepler_container_cpu_seconds_total": container + ["state", "node_name"],
            "kepler_process_cpu_seconds_total": process + ["node_name"],
        ]
        for suffix in ["joules_total", "watts"] {
            for part in ["", "active_", "idle_"] { facts["kepler_node_cpu_\(part)\(suffix)"] = zone }
            for (kind, labels) in [("container", container), ("pod", pod), ("vm", vm), ("process", process)] {
                facts["kepler_\(kind)_cpu_\(suffix)"] = labels + user
            }
        }
        return facts.mapValues(Set.init)
    }()

    /// The same of Kepler 0.7.12, of what we export: facts of its sources.
    private static let legacy: [String: Set<String>] = {
        let container = ["container_id", "pod_name", "container_name", "container_namespace"]
        let process = ["pid", "container_id", "vm_id", "command"]
        var facts: [String: [String]] = [
            "kepler_container_joules_total": container + ["mode"], "kepler_process_joules_total": process + ["mode"],
            "kepler_exporter_build_info": ["branch", "revision", "version"],
            "kepler_node_info": ["components_power_source", "platform_power_source", "source"],
        ]
        for (kind, labels) in [("container", container), ("process", process), ("vm", ["vm_id"])] {
            facts["kepler_\(kind)_bpf_cpu_time_ms_total"] = labels + ["source"]
            for zone in ["package", "dram", "other", "platform"] {
                facts["kepler_\(kind)_\(zone)_joules_total"] = labels + ["mode", "source"]
            }
        }
        for zone in ["package", "dram", "other", "platform"] {
            facts["kepler_node_\(zone)_joules_total"] = ["package", "instance", "mode", "source"]
        }
        return facts.mapValues(Set.init)
    }()

    private func labels(_ compatibility: KeplerCompatibility) -> [String: Set<String>] {
        Dictionary(
            uniqueKeysWithValues: KeplerMetrics.all(compatibility).map { ($0.prometheusName, Set($0.attributes)) })
    }

    /// `kepler_platform_watts` has fewer labels: of the meter only its kind is known.
    @Test func namesAndLabelsAreKeplers() {
        var known = Self.current
        known["kepler_platform_watts"] = ["source", "node_name"]
        #expect(labels(.current) == known)
        #expect(labels(.legacy) == Self.legacy)
        #expect(labels(.both) == known.merging(Self.legacy) { $1 })
    }

    private func lines(
        _ snapshot: Snapshot, _ compatibility: KeplerCompatibility, as format: TextFormat = .prometheus,
        _ change: (inout MetricSelection) -> Void = { _ in }
    ) -> [String] {
        var selection = MetricSelection()
        selection.kepler = compatibility
        change(&selection)
        return String(decoding: snapshot.exposition(selection, as: format), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// Of a node with two packages, whose meter is the processor's own, and processes of a container and of a machine.
    private func snapshot() -> Snapshot {
        var snapshot = fullSnapshot()
        var second = snapshot.node.zones[0]
        second.name = "package-1"
        second.energyMicrojoules = 1_000_000
        second.powerWatts = 1
        second.staticWatts = 0.5
        snapshot.node.zones.insert(second, at: 1)
        snapshot.node.idle.zones["package-1"] = 400_000
        snapshot.node.meter = Snapshot.NodeMeter(source: "rapl", quality: "measured", isInlet: false)
        snapshot.processes += [
            Snapshot.Process(
                pid: 12, comm: "qemu", workloadId: "vm:/machine/qemu-1", cgroupId: 1004, cpuSeconds: 2, cpuUsage: 1,
                powerWatts: 3, emissionsGrams: nil,
                zones: ["package-0": .init(dynamicMicrojoules: 5, staticMicrojoules: 0)])
        ]
        return snapshot
    }

    @Test(arguments: [TextFormat.prometheus, .openMetrics]) func theExpositionIsTheContract(_ format: TextFormat) {
        let text = lines(snapshot(), .both, as: format).filter { $0.contains("kepler_") }.joined(separator: "\n")
        expectGolden(text + "\n", format == .prometheus ? "kepler.txt" : "kepler.openmetrics.txt")
    }

    @Test func offIsOffAndOTLPHasNone() throws {
        #expect(!lines(snapshot(), .off).contains { $0.contains("kepler") })
        var selection = MetricSelection()
        selection.kepler = .both
        #expect(!snapshot().metrics(selection).contains { $0.metric.name.hasPrefix("kepler") })
    }

    /// Prometheus refuses a scrape with a series that is there twice.
    @Test func noSeriesIsThereTwice() {
        var snapshot = snapshot()
        // Moved to another cgroup, of which no label of Kepler's says anything.
        let there = snapshot.processes
        for (workload, cgroup) in [("cgroup:77", 77), ("slice:/system.slice", 1006)] as [(String, UInt64)] {
            snapshot.processes += there.map { process in
                var moved = process
                (moved.workloadId, moved.cgroupId) = (workload, cgroup)
                return moved
            }
        }
        let series = lines(snapshot, .both).filter { !$0.hasPrefix("#") }.map {
            $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.endIndex)
        }
        let twice = Dictionary(grouping: series) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty, "\(twice)")
        let nginx = lines(snapshot, .current).filter {
            $0.hasPrefix("kepler_process_cpu_joules_total") && $0.contains(#"type="regular""#)
                && $0.contains(#"zone="package""#) && $0.contains("nginx")
        }
        #expect(nginx.count == 1 && nginx.first?.hasSuffix(" 0.000154") == true, "\(nginx)")
    }

    /// The value of each counter of a process, of the packages where it has zones.
    private func counters(_ lines: [String], _ labels: String) -> [String: Double] {
        var found: [String: Double] = [:]
        for line in lines where line.hasPrefix("kepler_process_") && line.contains(labels) {
            let name = String(line.prefix { $0 != "{" })
            let isOther = ["zone=\"dram\"", "zone=\"psys\"", "_dram_"].contains { line.contains($0) }
            if name.hasSuffix("_total"), !isOther {
                #expect(found[name] == nil, "\(line)")
                found[name] = line.split(separator: " ").last.flatMap { Double($0) }
            }
        }
        return found
    }

    private func row(
        _ cgroup: UInt64, _ workload: String, seconds: Double, _ microjoules: UInt64, comm: String = "worker"
    ) -> Snapshot.Process {
        Snapshot.Process(
            pid: 99, comm: comm, workloadId: workload, cgroupId: cgroup, cpuSeconds: seconds, cpuUsage: 0,
            powerWatts: 0,
            emissionsGrams: 0, zones: ["package-0": .init(dynamicMicrojoules: microjoules, staticMicrojoules: 0)])
    }

    /// Rows of the process in cgroups and workloads, and what they and those before amount to.
    struct Tick: Sendable {
        let rows: [(cgroup: UInt64, workload: String, seconds: Double, microjoules: UInt64)]
        let seconds: Double
        let microjoules: UInt64

        init(_ rows: (UInt64, String, Double, UInt64)..., makes seconds: Double, _ microjoules: UInt64) {
            self.rows = rows.map { (cgroup: $0.0, workload: $0.1, seconds: $0.2, microjoules: $0.3) }
            (self.seconds, self.microjoules) = (seconds, microjoules)
        }
    }

    static let moves: [[Tick]] = [
        // Moved, and seen in both; then only in the second, which grows.
        [
            Tick((1, "cgroup:1", 5, 500), makes: 5, 500),
            Tick((1, "cgroup:1", 6, 600), (2, "cgroup:2", 1, 50), makes: 7, 650),
            Tick((2, "cgroup:2", 2, 100), makes: 8, 700), Tick((2, "cgroup:2", 3, 100), makes: 9, 700),
        ],
        // And back, where its row begins anew; once more unseen.
        [
            Tick((1, "cgroup:1", 5, 500), makes: 5, 500),
            Tick((2, "cgroup:2", 1, 50), (1, "cgroup:1", 5, 500), makes: 6, 550),
            Tick((2, "cgroup:2", 1, 50), (1, "cgroup:1", 1, 10), makes: 7, 560),
            Tick((1, "cgroup:1", 2, 20), (3, "unit:/u", 4, 40), makes: 12, 610),
            Tick((1, "cgroup:1", 1, 30), (3, "unit:/u", 4, 40), makes: 13, 640),
        ],
        // Its cgroup is shown as part of another workload: nothing was used.
        [
            Tick((1, "cgroup:1", 5, 500), makes: 5, 500), Tick((1, "unit:/u", 5, 500), makes: 5, 500),
            Tick((1, "unit:/u", 6, 500), makes: 6, 500),
        ],
        // Two cgroups of one workload.
        [
            Tick((1, "unit:/u", 5, 500), makes: 5, 500),
            Tick((1, "unit:/u", 5, 500), (2, "unit:/u", 1, 1), makes: 6, 501),
            Tick((2, "unit:/u", 2, 2), makes: 7, 502),
        ],
    ]

    /// The accounting has a process once for each cgroup, and forgets where it was.
    @Test(arguments: moves.indices) func theCountersOfAProcessThatIsMovedNeverFall(_ move: Int) throws {
        var selection = MetricSelection()
        selection.kepler = .both
        let exporter = MetricsExporter(selection)
        var snapshot = snapshot()
        for tick in Self.moves[move] {
            snapshot.sequence += 1
            snapshot.processes = tick.rows.map { row($0.cgroup, $0.workload, seconds: $0.seconds, $0.microjoules) }
            let text = ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }
            let found = counters(
                String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init), #"pid="99""#)
            let joules = Double(tick.microjoules) / 1e6
            #expect(
                found == [
                    "kepler_process_cpu_joules_total": joules, "kepler_process_cpu_seconds_total": tick.seconds,
                    "kepler_process_joules_total": joules, "kepler_process_package_joules_total": joules,
                    "kepler_process_other_joules_total": 0, "kepler_process_platform_joules_total": joules,
                    "kepler_process_bpf_cpu_time_ms_total": tick.seconds * 1000,
                ])
        }
    }

    @Test func intoAContainerItIsAnotherSeries() throws {
        var selection = MetricSelection()
        selection.kepler = .current
        let exporter = MetricsExporter(selection)
        var snapshot = snapshot()
        func seconds(_ rows: [Snapshot.Process], sequence: UInt64) -> [String] {
            snapshot.sequence = sequence
            snapshot.processes = rows
            let text = ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("kepler_process_cpu_seconds_total") }
        }
        func line(_ labels: String, _ value: String) -> String {
            #"kepler_process_cpu_seconds_total{pid="99",comm="worker",\#(labels),node_name="node7.example"} \#(value)"#
        }
        let (outside, inside) = (row(1, "cgroup:1", seconds: 5, 500), row(2, "container:c", seconds: 1, 50))
        let container = #"type="container",container_id="c""#
        #expect(seconds([outside], sequence: 50) == [line(#"type="regular""#, "5.0")])
        #expect(
            seconds([outside, inside], sequence: 51) == [line(#"type="regular""#, "5.0"), line(container, "1.0")])
        #expect(seconds([inside], sequence: 52) == [line(container, "1.0")])
        // The answer to an older request.
        #expect(seconds([outside], sequence: 51) == [line(container, "1.0")])
        // Another process of that number.
        #expect(seconds([], sequence: 53) == [])
        #expect(seconds([row(2, "container:c", seconds: 0.5, 5)], sequence: 54) == [line(container, "0.5")])
    }

    /// Of those that were overtaken and come back too.
    @Test func theLargestAreThoseWithTheMostEnergyWhereverTheyRan() throws {
        var selection = MetricSelection()
        (selection.kepler, selection.processLimit) = (.current, 1)
        let exporter = MetricsExporter(selection)
        var snapshot = snapshot()
        func shown(_ rows: [Snapshot.Process]) -> [String] {
            snapshot.sequence += 1
            snapshot.processes = rows
            let text = ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("kepler_process_cpu_joules_total") && $0.contains(#"zone="package""#) }
        }
        var other = row(3, "cgroup:3", seconds: 1, 400, comm: "other")
        other.pid = 100
        _ = shown([row(1, "cgroup:1", seconds: 5, 500), other])
        let both = shown([row(1, "cgroup:1", seconds: 5, 500), row(2, "cgroup:2", seconds: 1, 10), other])
        #expect(both.count == 1 && both[0].contains(#"comm="worker""#) && both[0].hasSuffix(" 0.000510"))
        let after = shown([row(2, "cgroup:2", seconds: 1, 10), other])
        #expect(after == both)
        other.zones = ["package-0": .init(dynamicMicrojoules: 511, staticMicrojoules: 0)]
        let overtaken = shown([row(2, "cgroup:2", seconds: 1, 10), other])
        #expect(overtaken.count == 1 && overtaken[0].contains(#"comm="other""#))
        #expect(shown([row(2, "cgroup:2", seconds: 1, 20), other]).first?.hasSuffix(" 0.000520") == true)
    }

    /// Labels are rendered once; they must not outlive what they were made of.
    @Test func labelsFollowTheWorkload() throws {
        var selection = MetricSelection()
        selection.kepler = .both
        let exporter = MetricsExporter(selection)
        var snapshot = snapshot()
        let pod = try #require(snapshot.workloads.firstIndex { $0.kind == "pod" })
        func pods() -> [String] {
            let text = ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter {
                    $0.hasPrefix("kepler_pod_cpu_watts")
                        && $0.contains(snapshot.workloads[pod].labels["k8s.pod.uid"] ?? "?")
                }
        }
        #expect(!pods().isEmpty && pods().allSatisfy { $0.contains(#"pod_name="web-7d9c""#) })
        #expect(pods().allSatisfy { $0.contains(#"state="running",node_name="node7.example""#) })
        snapshot.workloads[pod].labels["k8s.pod.name"] = "web-new"
        #expect(!pods().isEmpty && pods().allSatisfy { $0.contains(#"pod_name="web-new""#) })
        snapshot.workloads[pod].isAlive = false
        #expect(!pods().isEmpty && pods().allSatisfy { $0.contains(#"state="terminated""#) })
        snapshot.node.name = "other"
        #expect(!pods().isEmpty && pods().allSatisfy { $0.contains(#"node_name="other""#) })
        #expect(exporterHasProcessesOf("other", exporter, snapshot))
    }

    private func exporterHasProcessesOf(_ node: String, _ exporter: MetricsExporter, _ snapshot: Snapshot) -> Bool {
        let text = ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }
        let processes = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("kepler_process_cpu_") }
        return !processes.isEmpty && processes.allSatisfy { $0.contains("node_name=\"\(node)\"") }
    }

    /// Energy at rest that kernel threads bear is the node's at rest too.
    @Test func whatTheSystemBearsAtRestIsIdle() throws {
        func idle(_ snapshot: Snapshot) throws -> [String: Double] {
            var found: [String: Double] = [:]
            for line in lines(snapshot, .both) where line.contains("package") {
                for name in ["kepler_node_cpu_idle_joules_total", "kepler_node_cpu_active_joules_total"]
                where line.hasPrefix(name) { found[name] = line.split(separator: " ").last.flatMap { Double($0) } }
                if line.hasPrefix("kepler_node_package_joules_total"), line.contains(#"package="0""#) {
                    let mode = line.contains(#"mode="idle""#) ? "idle" : "dynamic"
                    found[mode] = line.split(separator: " ").last.flatMap { Double($0) }
                }
            }
            return found
        }
        var snapshot = snapshot()
        let before = try idle(snapshot)
        #expect(before.count == 4)
        snapshot.node.system.staticZones = ["package-0": 2_000_000]
        snapshot.node.unattributed.staticZones = ["package-0": 500_000]
        for (name, value) in try idle(snapshot) {
            let change = value - (before[name] ?? 0)
            #expect(abs(change - (name.contains("idle") ? 2.5 : -2.5)) < 1e-6, "\(name)")
        }
    }

    /// Since when the counters of a process count is not known: it may have come later than the agent.
    @Test func aProcessSaysNoBeginning() {
        let text = lines(snapshot(), .both, as: .openMetrics) { $0.tellsCreation = true }
        #expect(text.contains { $0.hasPrefix("kepler_container_cpu_joules_created") })
        #expect(!text.contains { $0.hasPrefix("kepler_process_") && $0.contains("_created") })
    }

    @Test func whatIsNotKnownIsLeftOut() {
        var snapshot = snapshot()
        snapshot.forgetPower()
        for index in snapshot.node.zones.indices { snapshot.node.zones[index].powerWatts = nil }
        let watts = lines(snapshot, .both).filter { $0.hasPrefix("kepler_") && $0.contains("_watts") }
        #expect(watts == [])
        snapshot.node.meter = nil
        snapshot.node.zones.removeAll { $0.name == "platform" }
        let text = lines(snapshot, .both)
        #expect(!text.contains { $0.contains("psys") || $0.contains("_platform_") || $0.contains("_other_") })
    }

    /// A counter that begins at zero for `increase()` says nothing about the power.
    @Test func thePowerOfANewWorkloadIsThere() throws {
        var snapshot = snapshot()
        let pod = try #require(snapshot.workloads.firstIndex { $0.kind == "pod" })
        snapshot.workloads[pod].since = snapshot.unixTime - 1
        let text = lines(snapshot, .current).filter { $0.contains(#"pod_name="web-7d9c""#) && $0.contains("psys") }
        #expect(text.contains { $0.hasPrefix("kepler_pod_cpu_joules_total") && $0.hasSuffix(" 0") })
        let watts = try #require(text.first { $0.hasPrefix("kepler_pod_cpu_watts") }?.split(separator: " ").last)
        #expect(abs((Double(watts) ?? 0) - 8.8) < 1e-9)
    }

    @Test func levelsAndLimitsHoldHereToo() {
        let all = lines(snapshot(), .both)
        for level in MetricSelection.Level.allCases {
            let text = lines(snapshot(), .both) { $0.levels.remove(level) }
            let hasKind = ["container", "pod", "vm", "process", "node"].contains(level.rawValue)
            #expect(all.contains { $0.hasPrefix("kepler_\(level.rawValue)_") } == hasKind)
            #expect(!text.contains { $0.hasPrefix("kepler_\(level.rawValue)_") })
        }
        let one = lines(snapshot(), .both) { $0.processLimit = 1 }
        #expect(one.contains { $0.contains("nginx") && $0.hasPrefix("kepler_process") })
        #expect(!one.contains { $0.contains("qemu\"") && $0.hasPrefix("kepler_process") })
    }

    /// The page that says what became of each, and of ours names only those that there are.
    @Test func thePageOfTheMigrationHasThemAll() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let page = try readText(root + "/docs/migrate-from-kepler.md")
        for metric in KeplerMetrics.all(.both) { #expect(page.contains("`\(metric.prometheusName)`")) }
        let ours = MetricCatalog.all.map(\.prometheusName)
        for name in page.matches(of: /\b(energyd|hw)_[a-z_]+(_total|_watts|_info|_cpus)\b/).map({ String($0.output.0) })
        {
            #expect(ours.contains(name), "\(name) is no metric")
        }
    }
}
