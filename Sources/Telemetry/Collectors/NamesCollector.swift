internal import Snapshot

extension Collector {
    /// The sources of names, and the workloads that have none yet.
    static let names = Collector(
        level: nil,
        families: [
            MetricFamily(
                "energyd.names.up", .gauge, .none, "1 while the source of names works.", attributes: ["source"]
            ) { exposition, out in
                for source in exposition.snapshot.agent.nameSources ?? [] { out.add(source.name, .flag(source.isUp)) }
            },
            MetricFamily(
                "energyd.names.errors", .counter, .count("error"), "Requests to the source of names that failed.",
                attributes: ["source"]
            ) { exposition, out in
                for source in exposition.snapshot.agent.nameSources ?? [] {
                    out.add(source.name, .integer(source.errors))
                }
            },
            MetricFamily(
                "energyd.workloads.unnamed", .gauge, .count("workload"),
                "Running pods, and containers of pods, that have no name yet.", attributes: ["kind"]
            ) { exposition, out in
                for (kind, name) in [("pod", "k8s.pod.name"), ("container", "k8s.container.name")] {
                    let count = exposition.snapshot.workloads.count {
                        $0.isAlive && $0.kind == kind && $0.labels["k8s.pod.uid"] != nil && $0.labels[name] == nil
                    }
                    out.add(kind, .integer(UInt64(count)))
                }
            },
        ], origin: .process)
}
