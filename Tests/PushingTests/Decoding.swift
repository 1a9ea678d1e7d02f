import Linux
import Snapshot
import SnapshotSamples
import TestSupport
import Testing

@testable import Telemetry

/// Decodes requests with opentelemetry-proto: a line per data point, and a line `FAULT: ...` per broken rule.
func decoded(_ bodies: [[UInt8]], _ format: OTLPEncoder.Format) throws -> [String] {
    let directory = try TemporaryDirectory()
    var paths: [String] = []
    for (index, body) in bodies.enumerated() {
        paths.append("\(directory.path)/\(index)")
        try writeFile(paths[index], bytes: body)
    }
    let result = try Child.run(
        try pythonScript("PushingTests/decode.py") + [format.rawValue] + paths, seconds: 120)
    guard result.code == 0 else { throw Failure("decode.py: \(result.output)") }
    return result.output.split(separator: "\n").map(String.init)
}

/// What a snapshot says, in the lines of decode.py.
func lines(of snapshot: Snapshot, resource: Resource, selection: MetricSelection = .ofPush) -> [String] {
    let common = joined(resource.attributes.map { (name: $0.name, value: $0.value) })
    return snapshot.metrics(selection).flatMap { family in
        family.samples.map { sample in
            let metric = family.metric
            let isGauge = metric.kind == .gauge || metric.kind == .info
            let since = sample.start ?? snapshot.agent.startUnixTime ?? snapshot.unixTime
            return [
                metric.kind == .info ? metric.name + ".info" : metric.name,
                isGauge ? "gauge" : metric.kind == .counter ? "counter" : "histogram",
                metric.unit.symbol.isEmpty ? "-" : metric.unit.symbol, escaped(metric.help),
                isGauge ? "0" : "\(nanoseconds(since))", "\(nanoseconds(snapshot.unixTime))", common,
                joined(sample.attributes), text(sample.value),
            ].joined(separator: " ")
        }
    }
}

extension MetricSelection {
    /// As metrics are pushed: with their start, so that no counter has to begin at zero.
    static let ofPush: MetricSelection = {
        var selection = MetricSelection()
        selection.zeroTime = .zero
        return selection
    }()
}

/// Attributes of the resource and of the data point in one list, wherever they are.
func merged(_ line: String) -> String {
    var fields = line.split(separator: " ").map(String.init)
    guard fields.count == 9 else { return line }
    let all = (fields[6].split(separator: "|") + fields[7].split(separator: "|")).filter { $0 != "-" }
    fields[6] = all.map(String.init).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "|")
    fields.remove(at: 7)
    return fields.joined(separator: " ")
}

private func nanoseconds(_ unixTime: Double) -> UInt64 { UInt64((unixTime * 1e6).rounded()) * 1000 }

private func text(_ value: MetricValue) -> String {
    func bits(_ number: Double) -> String {
        let digits = String(number.bitPattern, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
    switch value {
    case .integer(let number): return number > Int64.max ? "d:\(bits(Double(number)))" : "i:\(number)"
    case .millionths(let number): return "d:\(bits(Double(number) / 1e6))"
    case .real(let number): return "d:\(bits(number))"
    case .histogram(let bounds, let counts, let sum):
        let (edges, numbers) = (bounds.map(bits), counts.map { "\($0)" })
        return "h:\(bits(sum)):\(edges.joined(separator: "/")):\(numbers.joined(separator: "/"))"
    }
}

private func joined(_ attributes: [(name: String, value: String)]) -> String {
    let sorted = attributes.sorted { a, b in
        a.name == b.name
            ? a.value.utf8.lexicographicallyPrecedes(b.value.utf8) : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    let text = sorted.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "|")
    return text.isEmpty ? "-" : text
}

private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
        scalar.value > 0x20 && scalar.value < 0x7F && !"|=%".unicodeScalars.contains(scalar)
            ? String(Character(scalar)) : "%\(String(scalar.value, radix: 16))%"
    }.joined()
}
