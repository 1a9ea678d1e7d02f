internal import Formatting

/// The two text formats that Prometheus reads.
package enum TextFormat: Sendable, CaseIterable {
    /// Text format 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/
    case prometheus
    /// OpenMetrics 1.0. https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
    case openMetrics

    /// For the HTTP header `Content-Type`.
    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What the document ends with.
    var end: String {
        switch self {
        case .prometheus: ""
        case .openMetrics: "# EOF\n"
        }
    }

    /// The lines that introduce a family.
    func header(_ metric: Metric) -> [UInt8] {
        switch self {
        case .prometheus:
            let type = metric.kind == .info ? "gauge" : metric.kind.rawValue
            let name = metric.prometheusName
            return Array("# HELP \(name) \(escape(metric.help))\n# TYPE \(name) \(type)\n".utf8)
        case .openMetrics:
            let name = metric.prometheusFamily
            let unit = metric.unit.word.isEmpty ? "" : "# UNIT \(name) \(metric.unit.word)\n"
            return Array("# TYPE \(name) \(metric.kind.rawValue)\n\(unit)# HELP \(name) \(escape(metric.help))\n".utf8)
        }
    }

    /// Help with backslash and line feed escaped, in OpenMetrics quotation marks too.
    private func escape(_ help: String) -> String {
        String(
            decoding: ByteSink.collect { sink in
                sink.append(upTo: 2 * help.utf8.count) { $0.append(escaped: help, quotes: self == .openMetrics) }
            }, as: UTF8.self)
    }
}
