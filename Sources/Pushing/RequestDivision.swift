internal import Telemetry

/// Divides a request of OTLP for collectors that accept no request of its size.
enum RequestDivision {
    /// A request and the number of its data points.
    struct Part: Equatable {
        let body: [UInt8]
        let points: Int
    }

    /// Two requests with half of the data points each, in their order; nil where there are fewer than two, or the bytes
    /// are no request. Linear in its size.
    static func halves(_ body: [UInt8], isProtobuf: Bool) -> [Part]? {
        guard let (_, count) = part(body, isProtobuf, 0..<0), count >= 2 else { return nil }
        let parts = [0..<(count / 2), (count / 2)..<count].compactMap { range in
            part(body, isProtobuf, range)?.body.map { Part(body: $0, points: range.count) }
        }
        return parts.count == 2 ? parts : nil
    }

    /// The request with only those of its data points, nil without any; and how many it had.
    private static func part(_ body: [UInt8], _ isProtobuf: Bool, _ range: Range<Int>) -> (body: [UInt8]?, count: Int)?
    {
        if isProtobuf {
            var filter = ProtobufFilter(range: range)
            let body = filter.filter(body[...], depth: 0)
            return filter.isDamaged ? nil : (body, filter.count)
        }
        var filter = JSONFilter(range: range)
        let body = filter.filter(body[...], depth: 0)
        return filter.isDamaged ? nil : (body, filter.count)
    }
}

/// Copies a message without the data points outside a range, and without what then has none.
private struct ProtobufFilter {
    let range: Range<Int>
    var count = 0
    var isDamaged = false

    /// From a request to its data points: resource metrics, scope metrics, metrics, their data, data points.
    private static let path: [Set<UInt64>] = [[1], [2], [2], [5, 7, 9], [1]]

    init(range: Range<Int>) { self.range = range }

    mutating func filter(_ message: ArraySlice<UInt8>, depth: Int) -> [UInt8]? {
        guard depth < Self.path.count else {
            defer { count += 1 }
            return range.contains(count) ? Array(message) : nil
        }
        var reader = ProtobufReader(message)
        var kept = ProtobufWriter()
        var hasPoints = false
        while let field = reader.next() {
            guard Self.path[depth].contains(field.number), case .bytes(let inner) = field.value else {
                kept.raw(field.raw)
                continue
            }
            guard let part = filter(inner, depth: depth + 1) else { continue }
            hasPoints = true
            kept.message(Int(field.number), part)
        }
        isDamaged = isDamaged || reader.isDamaged
        return hasPoints ? kept.bytes : nil
    }
}

/// The same for JSON as ``OTLPEncoder`` writes it.
private struct JSONFilter {
    let range: Range<Int>
    var count = 0
    var isDamaged = false

    private static let path: [Set<String>] = [
        ["resourceMetrics"], ["scopeMetrics"], ["metrics"], ["gauge", "sum", "histogram"], ["dataPoints"],
    ]

    init(range: Range<Int>) { self.range = range }

    mutating func filter(_ object: ArraySlice<UInt8>, depth: Int) -> [UInt8]? {
        guard depth < Self.path.count else {
            defer { count += 1 }
            return range.contains(count) ? Array(object) : nil
        }
        guard let members = JSONPieces.members(of: object) else {
            isDamaged = true
            return nil
        }
        var kept: [[UInt8]] = []
        var hasPoints = false
        for (key, value) in members {
            guard Self.path[depth].contains(key) else {
                kept.append(Array("\"\(key)\":".utf8) + value)
                continue
            }
            guard let part = filter(value: value, depth: depth + 1) else { continue }
            hasPoints = true
            kept.append(Array("\"\(key)\":".utf8) + part)
        }
        return hasPoints ? Array("{".utf8) + kept.joined(separator: [UInt8(ascii: ",")]) + Array("}".utf8) : nil
    }

    /// An object, or those objects of an array that have data points.
    private mutating func filter(value: ArraySlice<UInt8>, depth: Int) -> [UInt8]? {
        guard value.first == UInt8(ascii: "[") else { return filter(value, depth: depth) }
        guard let elements = JSONPieces.elements(of: value) else {
            isDamaged = true
            return nil
        }
        var parts: [[UInt8]] = []
        for element in elements {
            if let part = filter(element, depth: depth) { parts.append(part) }
        }
        return parts.isEmpty ? nil : Array("[".utf8) + parts.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
    }
}
