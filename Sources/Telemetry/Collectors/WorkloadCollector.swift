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
            users.cpuTime(metric(time, .counter, .seconds, "CPU time of \(words)")),
        ]
    }

    private var info: [MetricFamily] {
        guard let facts else { return [] }
        let metric = Metric(
            "energyd.\(name)", .info, .none, "Attributes of \(words); names may appear later.",
            attributes: attributes + facts)
        return [
            MetricFamily(metric) { exposition, out in
                for row in exposition.rows(name) {
                    if let facts = row.facts { out.add(facts, .integer(1)) }
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

    private static func request(_ name: String, _ unit: MetricUnit, _ help: String) -> MetricFamily {
        MetricFamily(name, .gauge, unit, help, attributes: ["k8s.pod.uid"]) { exposition, out in
            let workloads = exposition.snapshot.workloads
            for row in exposition.rows("pod") where workloads[row.index].isAlive {
                if let value = workloads[row.index].labels[name].flatMap(Double.init) {
                    out.add(row.identity, .real(value))
                }
            }
        }
    }
}
