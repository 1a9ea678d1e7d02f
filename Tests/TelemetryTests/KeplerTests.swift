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
                pid: 12, comm: "qemu", workloadId: "vm:/machine/qemu-1", cpuSeconds: 2, cpuUsage: 1, powerWatts: 3,
                emissionsGrams: nil, zones: ["package-0": .init(dynamicMicrojoules: 5, staticMicrojoules: 0)])
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
        snapshot.processes += snapshot.processes.map { process in
            var moved = process
            moved.workloadId = "cgroup:77"
            return moved
        }
        snapshot.processes += snapshot.processes.filter { $0.workloadId == "cgroup:77" }
            .map {
                var moved = $0
                moved.workloadId = "slice:/system.slice"
                return moved
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
