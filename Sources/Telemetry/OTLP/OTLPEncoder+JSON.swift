internal import Formatting

/// OTLP's own JSON: names in lowerCamelCase, 64-bit integers as strings, numbers that JSON does not have as words.
enum OTLPJSON {
    static func metric(_ metric: Metric, _ points: ArraySlice<OTLPEncoder.Point>, time: UInt64) -> [UInt8] {
        ByteSink.collect { sink in
            sink.append("{\"name\":")
            quote(metric.otlpName, sink)
            sink.append(",\"description\":")
            quote(metric.help, sink)
            if !metric.otlpUnit.isEmpty {
                sink.append(",\"unit\":")
                quote(metric.otlpUnit, sink)
            }
            switch metric.kind {
            case .gauge, .info: sink.append(",\"gauge\":{")
            case .counter: sink.append(",\"sum\":{\"aggregationTemporality\":2,\"isMonotonic\":true,")
            case .histogram: sink.append(",\"histogram\":{\"aggregationTemporality\":2,")
            }
            sink.append("\"dataPoints\":[")
            var isFirst = true
            for point in points {
                if !isFirst { sink.append(",") }
                isFirst = false
                write(point, metric.kind, time, sink)
            }
            sink.append("]}}")
        }
    }

    private static func write(_ point: OTLPEncoder.Point, _ kind: Metric.Kind, _ time: UInt64, _ sink: ByteSink) {
        sink.append("{")
        if kind == .counter || kind == .histogram { sink.append("\"startTimeUnixNano\":\"\(point.start)\",") }
        sink.append("\"timeUnixNano\":\"\(time)\"")
        switch point.value {
        case .integer(let number) where number <= Int64.max: sink.append(",\"asInt\":\"\(number)\"")
        case .histogram(let bounds, let counts, let sum):
            sink.append(",\"count\":\"\(counts.reduce(0, &+))\",\"sum\":")
            number(sum, sink)
            sink.append(",\"bucketCounts\":[\(counts.map { "\"\($0)\"" }.joined(separator: ","))],\"explicitBounds\":[")
            for (index, bound) in bounds.enumerated() {
                if index > 0 { sink.append(",") }
                number(bound, sink)
            }
            sink.append("]")
        default:
            sink.append(",\"asDouble\":")
            number(point.value.number ?? 0, sink)
        }
        if !point.attributes.isEmpty {
            sink.append(",\"attributes\":")
            list(point.attributes, sink)
        }
        sink.append("}")
    }

    private static func list(_ attributes: [(name: String, value: String)], _ sink: ByteSink) {
        sink.append("[")
        for (index, attribute) in attributes.enumerated() {
            sink.append(index > 0 ? ",{\"key\":" : "{\"key\":")
            quote(attribute.name, sink)
            sink.append(",\"value\":{\"stringValue\":")
            quote(attribute.value, sink)
            sink.append("}}")
        }
        sink.append("]")
    }

    static func resourceMetrics(
        attributes: [(name: String, value: String)], scopeVersion: String, metrics: [UInt8]
    ) -> [UInt8] {
        ByteSink.collect { sink in
            sink.append("{\"resource\":{\"attributes\":")
            list(attributes, sink)
            sink.append("},\"scopeMetrics\":[{\"scope\":{\"name\":\"energyd\",\"version\":")
            quote(scopeVersion, sink)
            sink.append("},\"metrics\":[")
            sink.append(upTo: metrics.count) { $0.append(metrics) }
            sink.append("]}]}")
        }
    }

    private static func quote(_ text: String, _ sink: ByteSink) {
        sink.append(upTo: text.utf8.count * 6 + 2) { $0.append(quoted: text) }
    }

    private static func number(_ value: Double, _ sink: ByteSink) {
        guard value.isFinite else {
            return sink.append(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        }
        sink.append(upTo: ByteCursor.longestDouble) { $0.append(json: value) }
    }
}
