internal import Snapshot

/// Which of Kepler's metrics are exported beside our own, for dashboards and rules that were made for it.
package enum KeplerCompatibility: String, Sendable, CaseIterable {
    case off
    /// Kepler 0.10 and later: https://github.com/sustainable-computing-io/kepler/blob/main/docs/user/metrics.md
    case current
    /// Kepler up to 0.9, as Grafana's Kubernetes monitoring asks for.
    case legacy
}

/// Kepler's names, labels and units with our figures. Kepler's zone is a kind of component (`package`), ours one component
/// (`package-0`): those of a kind are added up.
enum KeplerCollector {
    static let current: [MetricFamily] =
        [nodeInfo, buildInfo, usage] + node
        + workload("container", "a container", containers) + workload("pod", "a pod", pods)
        + workload("vm", "a virtual machine", machines) + processes

    /// What a workload has in Kepler's series.
    private struct Labels: Sendable {
        let names: [String]
        let values: @Sendable (Snapshot.Workload) -> [String]
    }

    private static let containers = Labels(
        names: ["container_id", "container_name", "runtime", "state", "pod_id", "node_name", "zone"]
    ) { workload in
        let labels = workload.labels
        return [
            labels["container.id"] ?? workload.name, labels["k8s.container.name"] ?? labels["container.name"] ?? "",
            labels["container.runtime.name"] ?? "", state(workload), labels["k8s.pod.uid"] ?? "",
        ]
    }

    private static let pods = Labels(
        names: ["pod_id", "pod_name", "pod_namespace", "state", "node_name", "zone"]
    ) { workload in
        [
            workload.labels["k8s.pod.uid"] ?? "", workload.labels["k8s.pod.name"] ?? "",
            workload.labels["k8s.namespace.name"] ?? "", state(workload),
        ]
    }

    private static let machines = Labels(
        names: ["vm_id", "vm_name", "hypervisor", "state", "node_name", "zone"]
    ) { workload in
        [workload.cgroupPath, workload.labels["vm.name"] ?? workload.name, "kvm", state(workload)]
    }

    private static func state(_ workload: Snapshot.Workload) -> String { workload.isAlive ? "running" : "terminated" }

    // MARK: Node

    private static let nodeAttributes = ["node_name", "zone", "path"]

    private static let node: [MetricFamily] = [
        nodeFamily("kepler.node.cpu", .counter, .joules, "Energy of the node's CPUs and memory.") { part in
            .millionths(part.all)
        },
        nodeFamily("kepler.node.cpu.active", .counter, .joules, "Energy beyond that at rest.") { part in
            .millionths(part.all - min(part.idle, part.all))
        },
        nodeFamily("kepler.node.cpu.idle", .counter, .joules, "Energy at rest.") { part in .millionths(part.idle) },
        nodeFamily("kepler.node.cpu", .gauge, .watts, "Power of the node's CPUs and memory.") { part in
            part.watts.map { .real($0) }
        },
        nodeFamily("kepler.node.cpu.active", .gauge, .watts, "Power beyond that at rest.") { part in
            part.watts.map { .real(max(0, $0 - part.idleWatts)) }
        },
        nodeFamily("kepler.node.cpu.idle", .gauge, .watts, "Power at rest.") { part in
            part.watts.map { .real(min($0, part.idleWatts)) }
        },
    ]

    /// The zones of one kind.
    private struct Part {
        let kind: String
        let source: String
        var all: UInt64 = 0
        var idle: UInt64 = 0
        var watts: Double? = 0
        var idleWatts = 0.0
    }

    private static func parts(_ snapshot: Snapshot) -> [Part] {
        var parts: [Part] = []
        for zone in snapshot.node.zones {
            let kind = kind(of: zone.name)
            let index = parts.firstIndex { $0.kind == kind } ?? parts.count
            if index == parts.count { parts.append(Part(kind: kind, source: zone.source)) }
            parts[index].all += zone.energyMicrojoules
            parts[index].idle += snapshot.node.idle.zones[zone.name] ?? 0
            parts[index].watts = parts[index].watts.flatMap { sum in zone.powerWatts.map { sum + $0 } }
            parts[index].idleWatts += zone.staticWatts
        }
        return parts
    }

    /// `package-0` is a `package`, and so is `package-1`.
    private static func kind(of zone: String) -> String {
        guard let dash = zone.lastIndex(of: "-"), Int(zone[zone.index(after: dash)...]) != nil else { return zone }
        return String(zone[..<dash])
    }

    private static func nodeFamily(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String,
        _ value: @escaping @Sendable (Part) -> MetricValue?
    ) -> MetricFamily {
        MetricFamily(name, kind, unit, help, attributes: nodeAttributes) { exposition, out in
            let node = exposition.snapshot.node.name
            for part in parts(exposition.snapshot) {
                guard let value = value(part) else { continue }
                out.add(AttributeSet(names: nodeAttributes, values: [node, part.kind, part.source]), value)
            }
        }
    }

    private static let usage = MetricFamily(
        "kepler.node.cpu.usage", .gauge, .ratio, "Share of the node's CPUs that was busy over the last window.",
        attributes: ["node_name"]
    ) { exposition, out in
        let node = exposition.snapshot.node
        guard node.cpuCount > 0 else { return }
        out.add(node.name, .real(node.cpuUsage / Double(node.cpuCount)))
    }

    private static let nodeInfo = MetricFamily(
        "kepler.node.cpu", .info, .none, "The node's CPUs.",
        attributes: ["processor", "vendor_id", "model_name", "physical_id", "core_id"]
    ) { exposition, out in
        for cpu in exposition.snapshot.cpus ?? [] {
            out.add(
                AttributeSet(
                    names: ["processor", "model_name"], values: ["\(cpu.cpu)", exposition.snapshot.node.cpuModel]),
                .integer(1))
        }
    }

    private static let buildInfo = MetricFamily(
        "kepler.build", .info, .none, "The program that exports these metrics: energyd.",
        attributes: ["version", "branch", "revision", "goversion", "arch"]
    ) { exposition, out in
        let version = exposition.snapshot.agent.version
        out.add(
            AttributeSet(names: ["version", "branch"], values: ["energyd-\(version)", "energyd"]), .integer(1))
    }

    // MARK: Workloads

    /// Energy beyond that at rest, by kind of zone. Of power only the sum is known, which is divided as the energy was.
    private static func workload(_ kind: String, _ words: String, _ labels: Labels) -> [MetricFamily] {
        func family(
            _ type: Metric.Kind, _ unit: MetricUnit, _ help: String,
            _ value: @escaping @Sendable (Exposition.Row, UInt64, UInt64) -> MetricValue?
        ) -> MetricFamily {
            MetricFamily("kepler.\(kind).cpu", type, unit, help, attributes: labels.names) { exposition, out in
                let node = exposition.snapshot.node.name
                for row in exposition.rows(kind) {
                    let workload = exposition.snapshot.workloads[row.index]
                    let (sums, all) = sums(row.zones)
                    let own = labels.values(workload) + [node]
                    out.setStart(row.since)
                    for (zone, energy) in sums {
                        guard let value = value(row, energy, all) else { continue }
                        out.add(AttributeSet(names: labels.names, values: own + [zone]), value)
                    }
                }
            }
        }
        return [
            family(.counter, .joules, "Energy of \(words) beyond that at rest.") { _, energy, _ in .millionths(energy)
            },
            family(.gauge, .watts, "Power of \(words) beyond that at rest.") { row, energy, all in
                guard let watts = row.powerWatts else { return nil }
                return .real(all > 0 ? watts * (Double(energy) / Double(all)) : 0)
            },
        ]
    }

    private static func sums(
        _ zones: NamedValues<Snapshot.ZoneEnergy>
    ) -> (byKind: [(zone: String, energy: UInt64)], all: UInt64) {
        var sums: [(zone: String, energy: UInt64)] = []
        var all: UInt64 = 0
        for (name, amount) in zones {
            let kind = kind(of: name)
            all += amount.dynamicMicrojoules
            if let index = sums.firstIndex(where: { $0.zone == kind }) {
                sums[index].energy += amount.dynamicMicrojoules
            } else {
                sums.append((kind, amount.dynamicMicrojoules))
            }
        }
        return (sums, all)
    }

    // MARK: Processes

    private static let processNames = ["pid", "comm", "type", "state", "container_id", "vm_id", "node_name", "zone"]

    private static let processes: [MetricFamily] = [
        process(.joules, .counter, "Energy of a process beyond that at rest.") { process, energy, _ in
            .millionths(energy)
        },
        process(.watts, .gauge, "Power of a process beyond that at rest.") { process, energy, all in
            guard let watts = process.powerWatts else { return nil }
            return .real(all > 0 ? watts * (Double(energy) / Double(all)) : 0)
        },
        MetricFamily(
            "kepler.process.cpu", .counter, .seconds, "CPU time of a process.",
            attributes: ["pid", "comm", "type", "container_id", "vm_id", "node_name"]
        ) { exposition, out in
            for process in exposition.snapshot.processes {
                var values = values(process)
                values.remove(at: 3)
                out.add(
                    AttributeSet(
                        names: processNames.filter { $0 != "state" && $0 != "zone" },
                        values: values + [exposition.snapshot.node.name]), .real(process.cpuSeconds))
            }
        },
    ]

    private static func values(_ process: Snapshot.Process) -> [String] {
        let isContainer = process.workloadId.hasPrefix("container:")
        let isMachine = process.workloadId.hasPrefix("vm:")
        let id = process.workloadId.firstIndex(of: ":").map { String(process.workloadId[$0...].dropFirst()) } ?? ""
        return [
            "\(process.pid)", process.comm, isContainer ? "container" : isMachine ? "vm" : "regular", "running",
            isContainer ? id : "", isMachine ? id : "",
        ]
    }

    private static func process(
        _ unit: MetricUnit, _ kind: Metric.Kind, _ help: String,
        _ value: @escaping @Sendable (Snapshot.Process, UInt64, UInt64) -> MetricValue?
    ) -> MetricFamily {
        MetricFamily("kepler.process.cpu", kind, unit, help, attributes: processNames) { exposition, out in
            for process in exposition.snapshot.processes {
                let (sums, all) = sums(process.zones)
                let own = values(process) + [exposition.snapshot.node.name]
                for (zone, energy) in sums {
                    guard let value = value(process, energy, all) else { continue }
                    out.add(AttributeSet(names: processNames, values: own + [zone]), value)
                }
            }
        }
    }
}
