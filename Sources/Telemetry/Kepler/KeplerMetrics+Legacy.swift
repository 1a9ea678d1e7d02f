internal import Snapshot

extension KeplerMetrics {
    static let legacyNode = Collector(
        level: .node,
        families: [
            // Ours are components, and so are Kepler's here: `package` is the number of the socket.
            legacyZone("package", "Energy of the node's packages."), legacyZone("dram", "Energy of the node's memory."),
            legacyZone("other", "Energy of the node beyond its packages and memory, where a meter shows it."),
            legacyZone("platform", "Energy of the whole node, where a meter shows it."),
            MetricFamily(
                "kepler.node", .info, .none, "The node's meters.",
                attributes: ["components_power_source", "platform_power_source", "source"]
            ) { exposition, out in
                let node = exposition.snapshot.node
                let values = [
                    node.zones.first { $0.name != "platform" }?.source ?? "", node.meter?.source ?? "", "os",
                ]
                out.add(
                    AttributeSet(
                        names: ["components_power_source", "platform_power_source", "source"], values: values),
                    .integer(1))
            },
            MetricFamily(
                "kepler.exporter.build", .info, .none, "The program that exports these metrics: energyd.",
                attributes: ["branch", "revision", "version"]
            ) { exposition, out in
                out.add(
                    AttributeSet(
                        names: ["branch", "version"], values: ["energyd", exposition.snapshot.agent.version]),
                    .integer(1))
            },
        ])

    private static func legacyZone(_ zone: String, _ help: String) -> MetricFamily {
        let attributes = ["package", "instance", "source", "mode"]
        return MetricFamily(
            "kepler.node.\(zone)", .counter, .joules, help, attributes: attributes
        ) { exposition, out in
            let node = exposition.snapshot.node
            for part in exposition.kepler?.legacy?.componentParts ?? [] where part.zone.name == zone {
                let number = part.zone.isWhole ? "" : node.zones[part.zone.places[0]].name.number
                let labels = AttributeSet(
                    names: Array(attributes.dropLast()), values: [number, node.name, part.zone.source])
                out.add(labels, "dynamic", .millionths(part.active))
                out.add(labels, "idle", .millionths(min(part.idle, part.all)))
            }
        }
    }

    // MARK: Workloads

    /// Without source and mode, which come last.
    private static let names = [
        "container": ["container_id", "pod_name", "container_name", "container_namespace"], "vm": ["vm_id"],
        "process": ["pid", "container_id", "vm_id", "command"],
    ]

    static let legacyUsers: [Collector] = [
        Collector(level: .container, families: [total("container", "a container")] + zones("container", "a container")),
        Collector(level: .process, families: [total("process", "a process")] + zones("process", "a process")),
        Collector(level: .vm, families: zones("vm", "a virtual machine")),
    ]

    /// All of ours together, which do not overlap.
    private static func total(_ kind: String, _ words: String) -> MetricFamily {
        MetricFamily(
            "kepler.\(kind)", .counter, .joules, "Energy of \(words).", attributes: (names[kind] ?? []) + ["mode"]
        ) { exposition, out in
            for user in exposition.kepler?.legacy?.users[kind] ?? [] {
                out.setStart(user.since)
                out.add(user.labels, "dynamic", .millionths(user.amounts.all.dynamicMicrojoules))
                if user.hasStaticEnergy {
                    out.add(user.labels, "idle", .millionths(user.amounts.all.staticMicrojoules))
                }
            }
        }
    }

    private static func zones(_ kind: String, _ words: String) -> [MetricFamily] {
        let energy = ["package", "dram", "other", "platform"].map { name in
            MetricFamily(
                "kepler.\(kind).\(name)", .counter, .joules, "Energy of \(words) in the zone.",
                attributes: (names[kind] ?? []) + ["source", "mode"]
            ) { exposition, out in
                guard let view = exposition.kepler?.legacy,
                    let place = view.zones.all.firstIndex(where: { $0.name == name })
                else { return }
                let source = view.zones.all[place].source
                for user in view.users[kind] ?? [] {
                    out.setStart(user.since)
                    let amount = user.amounts.byZone[place]
                    out.add(user.labels, source, "dynamic", .millionths(amount.dynamicMicrojoules))
                    if user.hasStaticEnergy {
                        out.add(user.labels, source, "idle", .millionths(amount.staticMicrojoules))
                    }
                }
            }
        }
        let time = MetricFamily(
            "kepler.\(kind).bpf_cpu_time_ms", .counter, .none, "CPU time of \(words), ms.",
            attributes: (names[kind] ?? []) + ["source"]
        ) { exposition, out in
            let source = exposition.snapshot.tier == "procfs" ? "procfs" : "bpf"
            for user in exposition.kepler?.legacy?.users[kind] ?? [] {
                out.setStart(user.since)
                out.add(user.labels, source, .real(user.cpuSeconds * 1000))
            }
        }
        return energy + [time]
    }

    /// What is not known is left out.
    static var legacyLabels: KeplerView.Labels {
        KeplerView.Labels(
            generation: .legacy,
            container: { workload in
                [
                    workload.ownID, workload.labels["k8s.pod.name"] ?? "", workload.containerName,
                    workload.labels["k8s.namespace.name"] ?? "",
                ]
            },
            pod: { _ in [] }, vm: { [$0.ownID] },
            process: { process in
                let values = ["\(process.pid)", process.container, process.machine, process.comm]
                return (values, values)
            }, names: names, namesOfTime: names["process"] ?? [])
    }
}

extension String {
    /// `1` of `package-1`; empty where there is none.
    fileprivate var number: String {
        guard KeplerZones.kind(of: self) != self else { return "" }
        return split(separator: "-").last.map(String.init) ?? ""
    }
}
