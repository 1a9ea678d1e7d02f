internal import Snapshot

/// Nodes out of the agents' metrics, as a Prometheus has collected them.
///
/// A series has less than a snapshot: no processes, no waits, and of each kind only what was exported. Powers are those of
/// the last scrape, so they follow at its interval.
package enum PrometheusFleet {
    /// A series and its newest value.
    package struct Sample: Sendable {
        package var labels: [String: String]
        /// Unix time, s.
        package var time: Double
        package var value: Double

        package init(labels: [String: String], time: Double, value: Double) {
            self.labels = labels
            self.time = time
            self.value = value
        }
    }

    /// What is asked for, each in PromQL.
    package enum Query: String, CaseIterable, Sendable {
        case power = "energyd_node_power_watts"
        case part = "energyd_node_part_power_watts"
        case energy = "energyd_node_energy_joules_total"
        case cpus = "energyd_node_cpus"
        case busy = "rate(energyd_node_cpu_time_seconds_total[5m])"
        case intensity = "energyd_carbon_intensity_grams_per_kilowatt_hour"
        case pue = "energyd_carbon_pue_ratio"
        case zones = "energyd_zone_info"
        case workloads =
            #"{__name__=~"energyd_(namespace|pod|container|unit)_power_watts",nested=""}"#
        case joules =
            #"sum without (zone, mode) ({__name__=~"energyd_(namespace|pod|container|unit)_energy_joules_total",nested=""})"#
    }

    /// The kinds of workloads, the outer ones first.
    private static let kinds = ["namespace", "pod", "container", "unit"]

    /// One report for each node that has a power, or had one until `now`; in the order of their names.
    package static func reports(_ samples: [Query: [Sample]], now: Double) -> [NodeReport] {
        let grouped = samples.mapValues { Dictionary(grouping: $0) { node($0.labels) } }
        let names = Set(grouped.values.flatMap(\.keys)).sorted()
        return names.compactMap { name in
            var own: [Query: [Sample]] = [:]
            for (query, nodes) in grouped { own[query] = nodes[name] ?? [] }
            guard own[.cpus]?.isEmpty == false || own[.power]?.isEmpty == false else { return nil }
            return NodeReport(name: name, snapshot: snapshot(of: name, own, now: now))
        }
    }

    /// By the label that the scrape configuration of docs/operations.md adds; else by the address that is scraped.
    private static func node(_ labels: [String: String]) -> String {
        labels["node"] ?? labels["instance"] ?? "(unknown node)"
    }

    private static func snapshot(of name: String, _ samples: [Query: [Sample]], now: Double) -> Snapshot {
        func first(_ query: Query) -> Double? { samples[query]?.first { $0.value.isFinite }?.value }
        func bucket(_ part: String) -> Snapshot.Bucket {
            let sample = samples[.part]?.first { $0.labels["part"] == part }
            return Snapshot.Bucket(cpuSeconds: nil, powerWatts: sample?.value, emissionsGrams: nil, zones: [:])
        }
        let time = samples[.power]?.first?.time ?? now
        let zones = zones(samples, joules: first(.energy))
        let node = Snapshot.Node(
            name: name, cpuModel: "", cpuCount: first(.cpus).map { max(0, Int(nearest: $0)) } ?? 0, cpuSeconds: .nan,
            cpuUsage: first(.busy) ?? 0,
            powerWatts: first(.power), emissionsGrams: nil, zones: zones, idle: bucket("idle"),
            system: bucket("system"), unattributed: bucket("unattributed"))
        return Snapshot(
            timestamp: "", unixTime: time, sequence: max(1, UInt64(nearest: time)), windowSeconds: 1, tier: "ebpf",
            tierReason: "", node: node,
            carbon: .init(
                intensityGramsPerKilowattHour: first(.intensity) ?? .nan, source: "by Prometheus", pue: first(.pue) ?? 1
            ),
            workloads: workloads(samples), processes: [], commands: [],
            agent: .init(
                version: "", startTime: "", cpuSeconds: 0, residentBytes: 0, tickSeconds: 0, drainSeconds: 0,
                lateTicks: 0, faults: [:], sources: [], notices: []))
    }

    /// Where the power comes from; the energy of all of them stands in the first.
    private static func zones(_ samples: [Query: [Sample]], joules: Double?) -> [Snapshot.ZoneState] {
        let states = (samples[.zones] ?? []).map { sample in
            let labels = sample.labels
            return Snapshot.ZoneState(
                name: labels["zone"] ?? "node", source: labels["source"] ?? "prometheus",
                quality: labels["quality"] ?? "measured", hardware: "", energyMicrojoules: 0, powerWatts: nil,
                staticWatts: 0, isUp: true)
        }
        var zones = states.sorted { $0.name < $1.name }
        guard !zones.isEmpty, let joules, joules >= 0 else { return zones }
        zones[0].energyMicrojoules = UInt64(nearest: joules * 1e6)
        return zones
    }

    private static func workloads(_ samples: [Query: [Sample]]) -> [Snapshot.Workload] {
        var joules: [String: Double] = [:]
        for sample in samples[.joules] ?? [] { joules[id(sample.labels)] = sample.value }
        let rows = (samples[.workloads] ?? []).map { sample in (kind(sample.labels), sample) }
        let ids = Set(rows.map { id($0.1.labels) })
        return rows.sorted { (order($0.0), id($0.1.labels)) < (order($1.0), id($1.1.labels)) }.map { kind, sample in
            let labels = attributes(sample.labels)
            let own = id(sample.labels)
            let energy = joules[own].flatMap { $0.isFinite && $0 >= 0 ? UInt64(nearest: $0 * 1e6) : nil }
            return Snapshot.Workload(
                id: own, kind: kind, name: title(kind, labels), cgroupPath: labels["cgroup.path"] ?? "", cgroupId: 0,
                parentId: parents(kind, sample.labels).first(where: ids.contains), isAlive: true, cpuSeconds: .nan,
                cpuUsage: .nan, contextSwitches: nil, powerWatts: sample.value.isFinite ? sample.value : nil,
                emissionsGrams: nil,
                zones: energy.map { ["all": .init(dynamicMicrojoules: $0, staticMicrojoules: 0)] } ?? [:],
                labels: labels)
        }
    }

    /// Of `energyd_pod_power_watts` and its like.
    private static func kind(_ labels: [String: String]) -> String {
        kinds.first { labels["__name__"]?.hasPrefix("energyd_\($0)_") == true }
            ?? kinds.last { $0 == implied(labels) } ?? "unit"
    }

    /// What a series without a name is of: a sum drops it.
    private static func implied(_ labels: [String: String]) -> String {
        if labels["systemd_unit"] != nil { return "unit" }
        if labels["container_id"] != nil || labels["k8s_container_name"] != nil { return "container" }
        return labels["k8s_pod_name"] != nil || labels["k8s_pod_uid"] != nil ? "pod" : "namespace"
    }

    private static func order(_ kind: String) -> Int { kinds.firstIndex(of: kind) ?? kinds.count }

    private static func id(_ labels: [String: String]) -> String { id(kind(labels), labels) }

    private static func id(_ kind: String, _ labels: [String: String]) -> String {
        let keys =
            switch kind {
            case "namespace": ["k8s_namespace_name"]
            case "pod": ["k8s_namespace_name", "k8s_pod_name", "k8s_pod_uid"]
            case "container": ["k8s_namespace_name", "k8s_pod_name", "k8s_container_name", "container_id"]
            default: ["systemd_unit", "cgroup_path"]
            }
        return "\(kind):" + keys.compactMap { labels[$0] }.joined(separator: "/")
    }

    private static func parents(_ kind: String, _ labels: [String: String]) -> [String] {
        switch kind {
        case "pod": [id("namespace", labels)]
        case "container": [id("pod", labels), id("namespace", labels)]
        default: []
        }
    }

    private static func title(_ kind: String, _ labels: [String: String]) -> String {
        let keys =
            switch kind {
            case "namespace": ["k8s.namespace.name"]
            case "pod": ["k8s.pod.name", "k8s.pod.uid"]
            case "container": ["k8s.container.name", "container.name", "container.id"]
            default: ["systemd.unit", "cgroup.path"]
            }
        return keys.lazy.compactMap { labels[$0] }.first { !$0.isEmpty } ?? "(unknown)"
    }

    /// `k8s_pod_name` is `k8s.pod.name`, as in a snapshot.
    private static func attributes(_ labels: [String: String]) -> [String: String] {
        let prefixes = ["k8s_", "container_", "systemd_", "cgroup_", "vm_", "user_"]
        return Dictionary(
            labels.filter { label in prefixes.contains { label.key.hasPrefix($0) } }
                .map { ($0.key.replacing("_", with: "."), $0.value) }
        ) { first, _ in first }
    }
}
