internal import Snapshot

extension WorkloadKind {
    /// Energy, power, emissions and CPU time; scheduling; attributes.
    var collector: Collector {
        Collector(level: level, families: amounts + (isSum ? [] : scheduling + info))
    }

    private var amounts: [MetricFamily] {
        // A sum over one kind must leave out what is inside another of that kind, or it would count it twice.
        let once = nests ? " One inside another of the same kind is marked `nested`; the outer one includes it." : ""
        func metric(
            _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String, _ more: [String] = []
        ) -> Metric {
            Metric(name, kind, unit, "\(help).\(once)", attributes: attributes + more)
        }
        let users = EnergyUsers { [name] in $0.rows(name) }
        return [
            users.energy(
                metric("energyd.\(name).energy", .counter, .joules, "Energy of \(words)", ["zone", "mode"]),
                byMode: true),
            users.power(metric("energyd.\(name).power", .gauge, .watts, "Power of \(words) over the last window")),
            users.emissions(
                metric("energyd.\(name).emissions", .counter, .grams, "CO2 equivalent of the energy of \(words)")),
            users.cpuTime(
                metric("energyd.\(name).cpu.time", .counter, .seconds, "CPU time of \(words)"),
                conventional: conventionalTime),
        ]
    }

    private var info: [MetricFamily] {
        guard !names.isEmpty || !facts.isEmpty else { return [] }
        let metric = Metric(
            "energyd.\(name)", .info, .none, "Everything that is known of \(words).",
            attributes: attributes + facts)
        return [
            MetricFamily(metric) { exposition, out in
                for row in exposition.rows(name) {
                    if let facts = row.entry.facts { out.add(facts, .integer(1)) }
                }
            }
        ]
    }
}

extension Collector {
    /// What pods request, where Kubernetes is queried.
    static let requests = Collector(
        level: .pod,
        families: [
            request("k8s.pod.cpu.request", .count("cpu"), "CPUs that a pod requests."),
            request("k8s.pod.memory.request", .bytes, "Memory that a pod requests."),
        ])

    private static let podAttributes = WorkloadKind.all.first { $0.name == "pod" }?.attributes ?? []

    private static func request(_ name: String, _ unit: MetricUnit, _ help: String) -> MetricFamily {
        MetricFamily(name, .gauge, unit, help, attributes: podAttributes) { exposition, out in
            let workloads = exposition.snapshot.workloads
            for row in exposition.rows("pod") where workloads[row.index].isAlive {
                if let value = workloads[row.index].labels[name].flatMap(Double.init) {
                    out.add(row.labels, .real(value))
                }
            }
        }
    }
}
