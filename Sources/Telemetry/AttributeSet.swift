internal import Formatting

/// Attributes that many series have in common, such as what identifies a workload: rendered once, and kept for as long
/// as they do not change (``AttributeCache``).
package final class AttributeSet: Sendable {
    /// OpenTelemetry names and values, in the order in which they are exported; empty values are left out.
    package let pairs: [(name: String, value: String)]
    /// How many of the metric's attributes are covered; the values of further ones follow.
    package let covered: Int
    /// True for those of a workload, a sum over pods, or a name of processes.
    let isOfWorkload: Bool
    /// `name="value",...` as in both of Prometheus' formats, without the braces.
    let labels: [UInt8]

    package static let none = AttributeSet([])

    package convenience init(names: [String], values: [String]) {
        self.init(Array(zip(names, values)).map { (name: $0, value: $1) })
    }

    /// - Parameters:
    ///   - covered: how many of the metric's attributes these stand for; nil for as many as they are.
    ///   - rendersLabels: whether ``labels`` are needed.
    package init(
        _ attributes: [(name: String, value: String)], covering covered: Int? = nil, isOfWorkload: Bool = false,
        rendersLabels: Bool = true
    ) {
        self.isOfWorkload = isOfWorkload
        self.covered = covered ?? attributes.count
        pairs = attributes.filter { !$0.value.isEmpty }
        guard rendersLabels else {
            labels = []
            return
        }
        var labels = pairs.map { (name: Metric.prometheusLabel($0.name), value: $0.value.asLabel) }
        // `a.b` and `a/b` are one label to Prometheus, which must not come twice. OpenTelemetry's rule: both values.
        for index in labels.indices.reversed() {
            guard let first = labels[..<index].firstIndex(where: { $0.name == labels[index].name }) else { continue }
            labels[first].value += ";" + labels[index].value
            labels.remove(at: index)
        }
        self.labels = ByteSink.collect { sink in
            for (index, label) in labels.enumerated() {
                sink.append(upTo: label.name.utf8.count + 2 * label.value.utf8.count + 4) { cursor in
                    if index > 0 { cursor.append(UInt8(ascii: ",")) }
                    cursor.append(label: label.name, value: label.value)
                }
            }
        }
    }
}

extension String {
    /// The text as the value of a label, which people read with any program that shows text: `\u{1b}` for an escape
    /// character. Different texts stay different. A line feed has an escape sequence of its own in both formats.
    var asLabel: String { printable(keepsLines: true, isReversible: true) }
}

extension ByteCursor {
    /// `name="value"`, the value escaped; at most the name, twice the value and three bytes.
    @inline(__always)
    mutating func append(label name: String, value: String) {
        append(name)
        append(UInt8(ascii: "="))
        append(UInt8(ascii: "\""))
        append(escaped: value, quotes: true)
        append(UInt8(ascii: "\""))
    }

    /// Backslash and line feed get a backslash before them, with `quotes` quotation marks too.
    @inline(__always)
    mutating func append(escaped text: String, quotes: Bool) {
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") {
                append(UInt8(ascii: "\\"))
                append(UInt8(ascii: "n"))
                continue
            }
            if byte == UInt8(ascii: "\\") || quotes && byte == UInt8(ascii: "\"") { append(UInt8(ascii: "\\")) }
            append(byte)
        }
    }
}
