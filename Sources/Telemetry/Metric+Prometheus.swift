extension Metric {
    /// The name of the family by OpenTelemetry's rules for Prometheus: invalid characters become `_`, then the unit.
    package var prometheusFamily: String {
        let result = Metric.prometheusLabel(name)
        return unit.word.isEmpty || result.hasSuffix("_" + unit.word) ? result : "\(result)_\(unit.word)"
    }

    /// The name of its samples: that of the family, then `_total` for a counter or `_info` for facts.
    package var prometheusName: String {
        let family = prometheusFamily
        return switch kind {
        case .counter: family + "_total"
        case .info: family + "_info"
        case .gauge, .histogram: family
        }
    }

    /// An attribute's name as a Prometheus label.
    package static func prometheusLabel(_ attribute: String) -> String {
        let allowed = attribute.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        let text = String(decoding: allowed, as: UTF8.self)
        return text.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true ? "_" + text : text
    }
}
