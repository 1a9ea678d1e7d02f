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
            names with the first agent since the boot) and never fall while a workload is shown. An ended workload stays \
            visible for `--retention` with its final values. Counters have only attributes that never change; names, \
            which may arrive later, are attributes of the `_info` metrics, to be joined: see [identity.md](identity.md). \
            Unknown attributes are left out, and so is an unknown power: absent is not 0. `zone` is a \
            part of the machine (`package-0`, `dram-0`; without a number where one estimate covers all sockets), \
            `mode` of energy is `dynamic` or `static`, `part` is `workloads`, `system`, `idle` or `unattributed`.

            `/metrics` is in text format 0.0.4, or in OpenMetrics 1.0 if the request's `Accept` asks for \
            `application/openmetrics-text`.

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
