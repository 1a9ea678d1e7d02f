/// Every metric there is, as the collectors define them.
package enum MetricCatalog {
    /// In the order of the exposition.
    package static let all: [Metric] = Collector.all.flatMap { $0.families.map(\.metric) }

    /// docs/metrics.md.
    package static var markdown: String {
        let header = """
            # Metrics

            Generated from the collectors in `Sources/Telemetry/Collectors` by `make docs`.

            Counters start at zero with the agent (with `--state.file`, those of the node, of workloads and of process \
            names with the first agent since the boot) and never fall while a workload is shown; those of a workload that \
            comes later are zero for `--metrics.start-at-zero`. An ended workload stays visible for `--retention` with its \
            final values. Series of workloads carry what identifies them and the names to select by: \
            `--metrics.labels` selects more or fewer, and one whose name may still come is held back for \
            `--metrics.name-wait` ([identity.md](identity.md#names-on-the-series)). [queries.md](queries.md) has questions \
            and their queries, [operations.md](operations.md#how-many-series) how many series there are at most. \
            Unknown attributes are left out, and so is an unknown power: absent is not 0. `zone` is a \
            part of the machine (`package-0`, `dram-0`; without a number where one estimate covers all sockets), \
            `mode` of energy is `dynamic` or `static`, `part` is `workloads`, `system`, `idle` or `unattributed`.

            `/metrics` is in text format 0.0.4, or in OpenMetrics 1.0 if the request's `Accept` prefers \
            `application/openmetrics-text`, and compressed with gzip if its `Accept-Encoding` has that.

            | Prometheus | OpenTelemetry | type | unit | attributes | |
            |---|---|---|---|---|---|

            """
        let rows = all.map { metric in
            let attributes = metric.attributes.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.prometheusName)` | `\(metric.name)` | \(metric.kind.rawValue) "
                + "| \(metric.unit.symbol) | \(attributes) | \(metric.help) |"
        }
        return header + rows.joined(separator: "\n") + "\n"
    }
}
