package import Formatting
package import Snapshot

/// Exports snapshots as metrics. Keeps the rendered attributes of the workloads from one snapshot to the next, so use
/// one for all; it belongs to one thread at a time.
package final class MetricsExporter {
    private let selection: MetricSelection
    private let attributes = AttributeCache()

    package init(_ selection: MetricSelection = MetricSelection()) {
        self.selection = selection
    }

    /// Every selected metric, in the catalogue's order. Linear in the number of series.
    package func export(_ snapshot: Snapshot, to encoder: any MetricEncoder) {
        let exposition = Exposition(snapshot, selection, attributes)
        for collector in Collector.all where selection.includes(collector.level) {
            for family in collector.families {
                encoder.begin(family.metric)
                family.collect(exposition, encoder)
            }
        }
    }

    /// The same as text.
    package func export(_ snapshot: Snapshot, as format: TextFormat, to sink: ByteSink) {
        let encoder = TextEncoder(format, sink)
        export(snapshot, to: encoder)
        encoder.finish()
    }
}
