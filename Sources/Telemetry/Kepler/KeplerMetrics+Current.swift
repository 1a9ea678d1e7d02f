internal import Snapshot

extension KeplerMetrics {
    private static let zoned = ["node_name", "path", "zone"]

    static let currentNode = Collector(
        level: .node,
        families: [
            node("kepler.node.cpu", .counter, .joules, "Energy of the node.") { .millionths($0.all) },
            node("kepler.node.cpu.active", .counter, .joules, "Energy of the node beyond that at rest.") {
                .millionths($0.active)
            },
            node("kepler.node.cpu.idle", .counter, .joules, "Energy of the node at rest.") {
                .millionths(min($0.idle, $0.all))
            },
            node("kepler.node.cpu", .gauge, .watts, "Power of the node.") { $0.watts.map { .real($0) } },
            node("kepler.node.cpu.active", .gauge, .watts, "Power of the node beyond that at rest.") { part in
                part.watts.map { .real(max(0, $0 - part.idleWatts)) }
            },
            node("kepler.node.cpu.idle", .gauge, .watts, "Power of the node at rest.") { part in
                part.watts.map { .real(min($0, part.idleWatts)) }
            },
            MetricFamily(
                "kepler.node.cpu.usage", .gauge, .ratio, "Share of the node's CPUs that was busy in the last window.",
                attributes: ["node_name"]
            ) { exposition, out in
                let node = exposition.snapshot.node
                if node.cpuCount > 0 { out.add(node.name, .real(node.cpuUsage / Double(node.cpuCount))) }
            },
            MetricFamily(
                "kepler.platform", .gauge, .watts, "Power of the whole node, measured at its inlet.",
                attributes: ["source", "node_name"]
            ) { exposition, out in
                let node = exposition.snapshot.node
                guard let meter = node.meter, meter.isInlet, let watts = node.powerWatts else { return }
                out.add(meter.source, node.name, .real(watts))
            },
            MetricFamily(
                "kepler.node.cpu", .info, .none, "The node's CPUs.",
                attributes: ["processor", "vendor_id", "model_name", "physical_id", "core_id"]
            ) { exposition, out in
                let model = exposition.snapshot.node.cpuModel
                for cpu in exposition.snapshot.cpus ?? [] {
                    out.add(
                        AttributeSet(names: ["processor", "model_name"], values: ["\(cpu.cpu)", model]), .integer(1))
                }
            },
            MetricFamily(
                "kepler.build", .info, .none, "The program that exports these metrics: energyd.",
                attributes: ["version", "branch", "revision", "goversion", "arch"]
            ) { exposition, out in
                out.add("energyd-\(exposition.snapshot.agent.version)", "energyd", .integer(1))
            },
        ])

    private static func node(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String,
        _ value: @escaping @Sendable (KeplerView.Part) -> MetricValue?
    ) -> MetricFamily {
        MetricFamily(name, kind, unit, help, attributes: zoned) { exposition, out in
            let node = exposition.snapshot.node.name
            for part in exposition.kepler?.current?.parts ?? [] {
                guard let value = value(part) else { continue }
                out.add(AttributeSet(names: zoned, values: [node, part.zone.source, part.zone.name]), value)
            }
        }
    }

    // MARK: Workloads

    /// Without the zone, which comes last.
    private static let names = [
        "container": ["container_id", "container_name", "runtime", "state", "pod_id", "node_name"],
        "pod": ["pod_id", "pod_name", "pod_namespace", "state", "node_name"],
        "vm": ["vm_id", "vm_name", "hypervisor", "state", "node_name"],
        "process": ["pid", "comm", "exe", "type", "state", "container_id", "vm_id", "node_name"],
    ]
    private static let namesOfTime = ["pid", "comm", "exe", "type", "container_id", "vm_id", "node_name"]

    static let currentUsers: [Collector] = [
        Collector(level: .container, families: energy("container", "a container") + [time("container", "a container")]),
        Collector(level: .pod, families: energy("pod", "a pod")),
        Collector(level: .vm, families: energy("vm", "a virtual machine")),
        Collector(level: .process, families: energy("process", "a process") + [time("process", "a process")]),
    ]

    private static func energy(_ kind: String, _ words: String) -> [MetricFamily] {
        func family(
            _ type: Metric.Kind, _ unit: MetricUnit, _ help: String,
            _ value: @escaping @Sendable (KeplerView.User, Int) -> MetricValue?
        ) -> MetricFamily {
            let attributes = (names[kind] ?? []) + ["zone"]
            return MetricFamily("kepler.\(kind).cpu", type, unit, help, attributes: attributes) { exposition, out in
                guard let view = exposition.kepler?.current else { return }
                for user in view.users[kind] ?? [] {
                    out.setStart(user.since)
                    for (index, zone) in view.zones.all.enumerated() {
                        if let value = value(user, index) { out.add(user.labels, zone.name, value) }
                    }
                }
            }
        }
        return [
            family(.counter, .joules, "Energy of \(words) beyond that at rest.") { user, zone in
                .millionths(user.amounts.byZone[zone].dynamicMicrojoules)
            },
            family(.gauge, .watts, "Power of \(words) beyond that at rest.") { user, zone in
                user.watts.map { .real($0[zone]) }
            },
        ]
    }

    private static func time(_ kind: String, _ words: String) -> MetricFamily {
        let attributes = kind == "process" ? namesOfTime : names[kind] ?? []
        return MetricFamily(
            "kepler.\(kind).cpu", .counter, .seconds, "CPU time of \(words).", attributes: attributes
        ) { exposition, out in
            for user in exposition.kepler?.current?.users[kind] ?? [] {
                out.setStart(user.since)
                out.add(user.timeLabels, .real(user.cpuSeconds))
            }
        }
    }

    /// What is not known is left out.
    static func currentLabels(_ node: String) -> KeplerView.Labels {
        KeplerView.Labels(
            generation: .current,
            container: { workload in
                [
                    workload.ownID, workload.containerName, workload.runtime, workload.state,
                    workload.labels["k8s.pod.uid"] ?? "", node,
                ]
            },
            pod: { workload in
                [
                    workload.ownID, workload.labels["k8s.pod.name"] ?? "",
                    workload.labels["k8s.namespace.name"] ?? "", workload.state, node,
                ]
            },
            vm: { workload in
                [
                    workload.ownID, workload.labels["vm.name"] ?? workload.name, workload.hypervisor, workload.state,
                    node,
                ]
            },
            process: { process in
                let type = process.container.isEmpty ? process.machine.isEmpty ? "regular" : "vm" : "container"
                let (pid, ids) = ("\(process.pid)", [process.container, process.machine, node])
                return ([pid, process.comm, "", type, "running"] + ids, [pid, process.comm, "", type] + ids)
            }, names: names, namesOfTime: namesOfTime)
    }
}

extension Snapshot.Workload {
    /// What no other of its kind has: the id without the kind.
    var ownID: String { id.hasPrefix(kind + ":") ? String(id.dropFirst(kind.count + 1)) : id }

    fileprivate var state: String { isAlive ? "running" : "terminated" }

    var containerName: String { labels["k8s.container.name"] ?? labels["container.name"] ?? "" }

    /// In Kepler's words.
    fileprivate var runtime: String {
        let name = labels["container.runtime.name"] ?? ""
        return name == "cri-o" ? "crio" : name
    }

    /// `kvm` where a path says QEMU, for which Kepler says so too; the others it does not know.
    fileprivate var hypervisor: String { cgroupPath.contains("qemu") ? "kvm" : "" }
}
