/// Field numbers are those of opentelemetry-proto, `metrics/v1/metrics.proto` and `common/v1/common.proto`.
enum OTLPProtobuf {
    private static let cumulative: UInt64 = 2

    static func metric(_ metric: Metric, _ points: ArraySlice<OTLPEncoder.Point>, time: UInt64) -> [UInt8] {
        var message = ProtobufWriter()
        message.string(1, metric.otlpName)
        message.string(2, metric.help)
        if !metric.otlpUnit.isEmpty { message.string(3, metric.otlpUnit) }
        var data = ProtobufWriter()
        for point in points { data.message(1) { write(point, metric.kind, time, &$0) } }
        switch metric.kind {
        case .gauge, .info: message.message(5, data.bytes)
        case .counter:
            data.varint(2, cumulative)
            data.varint(3, 1)
            message.message(7, data.bytes)
        case .histogram:
            data.varint(2, cumulative)
            message.message(9, data.bytes)
        }
        return message.bytes
    }

    private static func write(
        _ point: OTLPEncoder.Point, _ kind: Metric.Kind, _ time: UInt64, _ out: inout ProtobufWriter
    ) {
        // A gauge has no beginning.
        if kind == .counter || kind == .histogram { out.fixed64(2, point.start) }
        out.fixed64(3, time)
        switch point.value {
        case .integer(let number) where number <= Int64.max: out.fixed64(6, number)
        case .histogram(let bounds, let counts, let sum):
            out.fixed64(4, counts.reduce(0, &+))
            out.double(5, sum)
            out.packed(6, counts)
            out.packed(7, bounds.map(\.bitPattern))
        default: out.double(4, point.value.number ?? 0)
        }
        for attribute in point.attributes { out.message(kind == .histogram ? 9 : 7) { write(attribute, &$0) } }
    }

    private static func write(_ attribute: (name: String, value: String), _ out: inout ProtobufWriter) {
        out.string(1, attribute.name)
        out.message(2) { $0.string(1, attribute.value) }
    }

    static func append(_ metric: [UInt8], to list: inout [UInt8]) {
        var element = ProtobufWriter()
        element.message(2, metric)
        list += element.bytes
    }

    static func resourceMetrics(
        attributes: [(name: String, value: String)], scopeVersion: String, metrics: [UInt8]
    ) -> [UInt8] {
        var message = ProtobufWriter()
        message.message(1) { resource in
            for attribute in attributes { resource.message(1) { write(attribute, &$0) } }
        }
        var scope = ProtobufWriter()
        scope.message(1) { scope in
            scope.string(1, "energyd")
            scope.string(2, scopeVersion)
        }
        message.message(2, scope.bytes + metrics)
        return message.bytes
    }

    static func request(_ parts: [[UInt8]]) -> [UInt8] {
        var message = ProtobufWriter()
        for part in parts { message.message(1, part) }
        return message.bytes
    }
}

extension OTLPEncoder.Format {
    func metric(_ metric: Metric, _ points: ArraySlice<OTLPEncoder.Point>, time: UInt64) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.metric(metric, points, time: time)
        case .json: OTLPJSON.metric(metric, points, time: time)
        }
    }

    /// Adds a metric to the list of a scope.
    func append(_ metric: [UInt8], to list: inout [UInt8]) {
        switch self {
        case .protobuf: OTLPProtobuf.append(metric, to: &list)
        case .json: list += (list.isEmpty ? [] : [UInt8(ascii: ",")]) + metric
        }
    }

    func resourceMetrics(
        attributes: [(name: String, value: String)], scopeVersion: String, metrics: [UInt8]
    ) -> [UInt8] {
        switch self {
        case .protobuf:
            OTLPProtobuf.resourceMetrics(attributes: attributes, scopeVersion: scopeVersion, metrics: metrics)
        case .json: OTLPJSON.resourceMetrics(attributes: attributes, scopeVersion: scopeVersion, metrics: metrics)
        }
    }

    func request(_ parts: [[UInt8]]) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.request(parts)
        case .json:
            Array("{\"resourceMetrics\":[".utf8) + Array(parts.joined(separator: [UInt8(ascii: ",")]))
                + Array("]}".utf8)
        }
    }
}
