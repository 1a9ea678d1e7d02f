internal import Snapshot

/// A metric and the code that exports its samples. Neither is anywhere else: the catalogue, docs/metrics.md and all
/// formats come from here.
struct MetricFamily: Sendable {
    let metric: Metric
    /// The same metric under OpenTelemetry's name, which is used on request; nil where there is none.
    let conventional: Metric?
    /// Adds the samples of a snapshot to an encoder, which has begun the metric.
    let collect: @Sendable (Exposition, any MetricEncoder) -> Void

    init(
        _ metric: Metric, conventional: String? = nil,
        _ collect: @escaping @Sendable (Exposition, any MetricEncoder) -> Void
    ) {
        self.metric = metric
        self.conventional = conventional.map {
            Metric($0, metric.kind, metric.unit, metric.help, attributes: metric.attributes)
        }
        self.collect = collect
    }

    init(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String, attributes: [String] = [],
        _ collect: @escaping @Sendable (Exposition, any MetricEncoder) -> Void
    ) {
        self.init(Metric(name, kind, unit, help, attributes: attributes), collect)
    }
}

/// The families of one topic, exported or left out together. To add a metric, add a family to one of them.
struct Collector: Sendable {
    /// nil for what is always exported.
    let level: MetricSelection.Level?
    let families: [MetricFamily]
    /// Where its counters begin, unless a family says otherwise.
    var origin = Origin.ledger

    enum Origin: Sendable {
        /// With the ledger, which may be older than this run of the agent.
        case ledger
        /// With this run.
        case process
    }

    /// In the order of the exposition.
    static let all: [Collector] =
        [hardware, nodeEnergy, attribution, node, carbon] + WorkloadKind.all.map(\.collector)
        + [requests, processes, accounting, agent, sources, names, exports, conservation]
}
