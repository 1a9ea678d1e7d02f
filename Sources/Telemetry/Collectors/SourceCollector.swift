internal import Snapshot

extension Collector {
    /// The power sources, and whether those that measure the same energy agree.
    static let sources = Collector(
        level: nil,
        families: [
            source("energyd.source.up", .gauge, .none, "1 while the power source works.") { .flag($0.isUp) },
            source(
                "energyd.source.errors", .counter, .count("error"), "Readings of the power source that failed."
            ) { .integer($0.errors) },
            source(
                "energyd.source.reads", .counter, .count("reading"), "Readings of the power source that worked."
            ) { $0.reads.map { .integer($0) } },
            source(
                "energyd.source.age", .gauge, .seconds, "Time since the last reading of the power source that worked."
            ) { $0.ageSeconds.map { .real($0) } },
            source(
                "energyd.source.in_use", .gauge, .none,
                "1 while figures come from the power source; 0 while it is on standby."
            ) { $0.isInUse.map { .flag($0) } },
            uncounted(
                "energyd.source.refused.energy",
                "Energy that a counter showed and that was not counted, because it cannot be true."
            ) { $0.refusedMicrojoules },
            uncounted(
                "energyd.source.lost.energy",
                "Energy that was used while a counter showed nothing (resets, long gaps), by the power before; not counted."
            ) { $0.lostMicrojoules },
            check(
                "energyd.source.cross_check", .ratio,
                "Energy reported by `other` divided by that reported by `source`; should be 1. Zone `inlet`: two meters "
                    + "of the whole node. Zone `platform`: the sum of the parts divided by the whole node; should be "
                    + "less than 1."
            ) { .real($0.ratio) },
            check("energyd.source.agrees", .none, "1 while two meters of the same energy agree.") {
                .flag($0.agrees)
            },
        ], origin: .process)

    private static func source(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String,
        _ value: @escaping @Sendable (Snapshot.SourceState) -> MetricValue?
    ) -> MetricFamily {
        MetricFamily(name, kind, unit, help, attributes: ["source"]) { exposition, out in
            for source in exposition.snapshot.agent.sources {
                if let value = value(source) { out.add(source.name, value) }
            }
        }
    }

    private static func uncounted(
        _ name: String, _ help: String, _ values: @escaping @Sendable (Snapshot.SourceState) -> [String: UInt64]?
    ) -> MetricFamily {
        let attributes = ["source", "zone"]
        return MetricFamily(name, .counter, .joules, help, attributes: attributes) { exposition, out in
            for source in exposition.snapshot.agent.sources {
                for (zone, energy) in (values(source) ?? [:]).sorted(by: { $0.key < $1.key }) {
                    out.add(AttributeSet(names: attributes, values: [source.name, zone]), .millionths(energy))
                }
            }
        }
    }

    private static func check(
        _ name: String, _ unit: MetricUnit, _ help: String,
        _ value: @escaping @Sendable (Snapshot.CrossCheckState) -> MetricValue
    ) -> MetricFamily {
        let attributes = ["zone", "source", "other"]
        return MetricFamily(name, .gauge, unit, help, attributes: attributes) { exposition, out in
            for check in exposition.snapshot.agent.crossChecks ?? [] {
                let values = [check.zone, check.source, check.other]
                out.add(AttributeSet(names: attributes, values: values), value(check))
            }
        }
    }
}
