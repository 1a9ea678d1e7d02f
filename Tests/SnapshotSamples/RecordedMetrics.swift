internal import Formatting
package import Snapshot
package import Telemetry

/// A family of metrics as it was exported.
package struct RecordedFamily: Sendable {
    package struct Sample: Sendable {
        package var attributes: [(name: String, value: String)]
        package var value: MetricValue
        /// Unix time, s; nil for the start of the agent's totals.
        package var start: Double?
    }

    package let metric: Metric
    package var samples: [Sample] = []
}

/// An encoder that records what it gets.
private final class MetricRecorder: MetricEncoder {
    var families: [RecordedFamily] = []
    private var start: Double?

    func setStart(_ unixTime: Double?) { start = unixTime }

    func begin(_ metric: Metric) {
        start = nil
        families.append(RecordedFamily(metric: metric))
    }

    func add(_ set: AttributeSet, _ first: String, _ second: String, _ value: MetricValue) {
        guard let metric = families.last?.metric else { return }
        var attributes = set.pairs
        for (offset, text) in [first, second].enumerated() where !text.isEmpty {
            attributes.append((name: metric.attributes[set.covered + offset], value: text))
        }
        families[families.count - 1].samples.append(.init(attributes: attributes, value: value, start: start))
    }
}

extension Snapshot {
    /// Everything that is exported of it, in the order of the exposition.
    package func metrics(_ selection: MetricSelection = MetricSelection()) -> [RecordedFamily] {
        let recorder = MetricRecorder()
        MetricsExporter(selection).export(self, to: recorder)
        return recorder.families
    }

    /// The same as text.
    package func exposition(
        _ selection: MetricSelection = MetricSelection(), as format: TextFormat = .prometheus
    ) -> [UInt8] {
        ByteSink.collect { MetricsExporter(selection).export(self, as: format, to: $0) }
    }
}
