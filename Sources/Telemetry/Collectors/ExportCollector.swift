internal import Snapshot

extension Collector {
    /// The sending of metrics by OTLP.
    static let exports = Collector(
        level: nil,
        families: [
            export(
                "energyd.export.points", .counter, .count("data_point"),
                "Data points of OTLP by what became of them: `sent`, `rejected` by the collector, or `dropped` by the "
                    + "queue: it was full, or its directory damaged.", ["outcome"]
            ) { state, target, out in
                for (outcome, count) in [
                    ("sent", state.sentPoints), ("rejected", state.rejectedPoints), ("dropped", state.droppedPoints),
                ] { out.add(target, outcome, .integer(count)) }
            },
            export(
                "energyd.export.failures", .counter, .count("request"),
                "Requests of OTLP that the collector did not accept, each attempt."
            ) {
                state, target, out in
                out.add(target, .integer(state.failures))
            },
            export("energyd.export.queue", .gauge, .count("request"), "Requests of OTLP that wait to be sent.") {
                state, target, out in
                out.add(target, .integer(state.queuedRequests))
            },
            export("energyd.export.queue.size", .gauge, .bytes, "Bytes of the requests that wait to be sent.") {
                state, target, out in
                out.add(target, .integer(state.queuedBytes))
            },
            export(
                "energyd.export.age", .gauge, .seconds, "Time since the collector last accepted a request of OTLP."
            ) { state, target, out in
                if let age = state.ageSeconds { out.add(target, .real(age)) }
            },
        ], origin: .process)

    private static func export(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String, _ more: [String] = [],
        _ samples: @escaping @Sendable (Snapshot.ExportState, AttributeSet, any MetricEncoder) -> Void
    ) -> MetricFamily {
        MetricFamily(name, kind, unit, help, attributes: ["target"] + more) { exposition, out in
            for state in exposition.snapshot.agent.exports ?? [] {
                samples(state, AttributeSet(names: ["target"], values: [state.target]), out)
            }
        }
    }
}
