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
            out += "# TYPE \(name) \(family.metric.kind == .counter ? "counter" : "gauge")\n".utf8
            for sample in family.samples {
                out += name.utf8
                append(sample.attributes, to: &out)
                out.append(UInt8(ascii: " "))
                out += text(of: sample.value).utf8
                out.append(UInt8(ascii: "\n"))
            }
        }
        return out
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
        }
    }
}
