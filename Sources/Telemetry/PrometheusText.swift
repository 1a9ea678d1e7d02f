/// Prometheus' text format 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
package enum PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Families without samples are left out. Linear in the number of samples.
    package static func render(_ families: [MetricFamily]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(families.reduce(0) { $0 + 200 + $1.samples.count * 220 })
        for family in families where !family.samples.isEmpty {
            let name = family.metric.prometheusName
            out += "# HELP \(name) \(escape(family.metric.help, quotes: false))\n".utf8
            out += "# TYPE \(name) \(type(of: family.metric.kind))\n".utf8
            for sample in family.samples {
                if case .histogram(let bounds, let counts, let sum) = sample.value {
                    append(name, sample.attributes, bounds: bounds, counts: counts, sum: sum, to: &out)
                } else {
                    append(name, sample.attributes, text(of: sample.value), to: &out)
                }
            }
        }
        return out
    }

    private static func type(of kind: Metric.Kind) -> String {
        switch kind {
        case .counter: "counter"
        case .gauge, .info: "gauge"
        case .histogram: "histogram"
        }
    }

    private static func append(
        _ name: String, _ attributes: [(name: String, value: String)], _ value: String, to out: inout [UInt8]
    ) {
        out += name.utf8
        append(attributes, to: &out)
        out.append(UInt8(ascii: " "))
        out += value.utf8
        out.append(UInt8(ascii: "\n"))
    }

    /// Buckets are cumulative in this format.
    private static func append(
        _ name: String, _ attributes: [(name: String, value: String)], bounds: [Double], counts: [UInt64], sum: Double,
        to out: inout [UInt8]
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(bounds.map(Optional.some) + [nil], counts) {
            total += count
            let limit = bound.map { text(of: .real($0)) } ?? "+Inf"
            append("\(name)_bucket", attributes + [("le", limit)], String(total), to: &out)
        }
        append("\(name)_sum", attributes, text(of: .real(sum)), to: &out)
        append("\(name)_count", attributes, String(total), to: &out)
    }

    private static func append(_ attributes: [(name: String, value: String)], to out: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for (name, value) in attributes where !value.isEmpty {
            out.append(separator)
            separator = UInt8(ascii: ",")
            out += Metric.prometheusLabel(name).utf8
            out += "=\"".utf8
            out += escape(value, quotes: true).utf8
            out.append(UInt8(ascii: "\""))
        }
        if separator == UInt8(ascii: ",") { out.append(UInt8(ascii: "}")) }
    }

    /// Backslash and line feed, in label values quotation marks too.
    static func escape(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || quotes && $0 == 0x22 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func text(of value: MetricFamily.Value) -> String {
        switch value {
        case .integer(let number): return String(number)
        case .millionths(let number):
            let (whole, part) = number.quotientAndRemainder(dividingBy: 1_000_000)
            guard part > 0 else { return String(whole) }
            let digits = String(part)
            return "\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
        case .real(let number):
            if number.isNaN { return "NaN" }
            if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
            return "\(number)"
        case .histogram(_, _, let sum): return text(of: .real(sum))
        }
    }
}
