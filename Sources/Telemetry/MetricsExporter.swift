package import Formatting
package import Snapshot

/// Exports snapshots as metrics. Keeps the rendered attributes of the workloads from one snapshot to the next, so use
/// one for all; it belongs to one thread at a time.
package final class MetricsExporter {
    private let selection: MetricSelection
    private let attributes: AttributeCache
    private let keplerProcesses = KeplerProcesses()
    private let resource: Resource

    /// - Parameter rendersLabels: whether it exports text; OTLP needs no rendered labels.
    package init(
        _ selection: MetricSelection = MetricSelection(), resource: Resource = Resource(), rendersLabels: Bool = true
    ) {
        self.selection = selection
        self.resource = resource
        attributes = AttributeCache(selection.labels, rendersLabels: rendersLabels)
    }

    /// Every selected metric, in the catalogue's order. Linear in the number of series.
    package func export(_ snapshot: Snapshot, to encoder: any MetricEncoder) {
        export(Exposition(snapshot, selection, attributes), Collector.all, to: encoder)
    }

    private func export(_ exposition: Exposition, _ collectors: [Collector], to encoder: any MetricEncoder) {
        for collector in collectors where selection.includes(collector.level) {
            for family in collector.families {
                let isConventional = selection.usesConventionalNames
                encoder.begin(isConventional ? family.conventional ?? family.metric : family.metric)
                if collector.origin == .process { encoder.setStart(exposition.snapshot.agent.processStartUnixTime) }
                family.collect(exposition, encoder)
            }
        }
    }

    /// The same as requests of OTLP, one after the other: `take` gets each before the next one is written.
    package func requests(
        _ snapshot: Snapshot, _ options: OTLPEncoder.Options, take: (OTLPEncoder.Request) -> Void
    ) {
        withoutActuallyEscaping(take) { take in
            let encoder = OTLPEncoder(
                options, resource: resource, scopeVersion: snapshot.agent.version, time: snapshot.unixTime,
                start: snapshot.agent.start ?? snapshot.unixTime, take: take)
            export(snapshot, to: encoder)
            encoder.finish()
        }
    }

    /// The same as text, for Prometheus.
    package func export(_ snapshot: Snapshot, as format: TextFormat, to sink: ByteSink) {
        let scope = ["energyd", snapshot.agent.version]
        let encoder = TextEncoder(
            format, sink,
            common: selection.namesScope
                ? AttributeSet(names: ["otel.scope.name", "otel.scope.version"], values: scope) : .none,
            createdSince: selection.tellsCreation ? snapshot.agent.start : nil)
        // First, as OpenMetrics has it.
        if !resource.attributes.isEmpty {
            encoder.begin(Resource.metric)
            encoder.add(resource.attributeSet, .integer(1))
        }
        var exposition = Exposition(snapshot, selection, attributes)
        export(exposition, Collector.all, to: encoder)
        if selection.kepler != .off {
            exposition.kepler = KeplerViews(exposition, selection, keplerProcesses)
            export(exposition, selection.kepler.collectors, to: encoder)
        }
        encoder.finish()
    }
}

extension Snapshot.AgentState {
    /// Of the agent's totals, Unix time, s. An earlier run may have left something that is no time: then of this run.
    fileprivate var start: Double? { startUnixTime ?? processStartUnixTime }
}
