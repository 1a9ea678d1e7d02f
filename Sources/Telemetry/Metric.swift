/// What a metric is, independent of the format it is told in.
package struct Metric: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// Only ever grows; starts at zero with the agent.
        case counter
        case gauge
        /// Counts by size, with their sum; only ever grows.
        case histogram
        /// Facts as attributes; the value is always 1.
        case info
    }

    /// A unit in OpenTelemetry's notation (UCUM) and in Prometheus' words.
    package struct Unit: Sendable, Hashable {
        package let symbol: String
        package let word: String

        package static let joules = Unit(symbol: "J", word: "joules")
        package static let watts = Unit(symbol: "W", word: "watts")
        package static let grams = Unit(symbol: "g", word: "grams")
        package static let seconds = Unit(symbol: "s", word: "seconds")
        package static let bytes = Unit(symbol: "By", word: "bytes")
        package static let ratio = Unit(symbol: "1", word: "ratio")
        package static let gramsPerKilowattHour = Unit(symbol: "g/kWh", word: "grams_per_kilowatt_hour")
        /// A number of things; `{tick}` and its like have no word.
        package static func count(_ thing: String) -> Unit { Unit(symbol: "{\(thing)}", word: "") }
        package static let none = Unit(symbol: "", word: "")
    }

    /// OpenTelemetry name: `energyd.container.energy`.
    package let name: String
    package let kind: Kind
    package let unit: Unit
    package let help: String
    /// The attributes that its samples carry, by OpenTelemetry name; some only where they are known.
    package let attributes: [String]

    package init(_ name: String, _ kind: Kind, _ unit: Unit, _ help: String, attributes: [String] = []) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.attributes = attributes
    }

    /// The name by OpenTelemetry's rules for Prometheus: invalid characters become `_`, then the unit, then `_total`
    /// for a counter or `_info` for facts.
    package var prometheusName: String {
        var result = Metric.prometheusLabel(name)
        if !unit.word.isEmpty, !result.hasSuffix("_" + unit.word) { result += "_" + unit.word }
        switch kind {
        case .counter: result += "_total"
        case .info where !result.hasSuffix("_info"): result += "_info"
        case .info, .gauge, .histogram: break
        }
        return result
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

/// One metric with its present values.
package struct MetricFamily: Sendable {
    package struct Sample: Sendable {
        /// OpenTelemetry attribute names and values, in the order in which they are shown. Empty values are left out.
        package var attributes: [(name: String, value: String)]
        package var value: Value

        package init(_ attributes: [(name: String, value: String)], _ value: Value) {
            self.attributes = attributes
            self.value = value
        }
    }

    /// Exact where the figure is.
    package enum Value: Sendable, Equatable {
        case integer(UInt64)
        /// A number of millionths, such as microjoules of a metric in joules: told to the last digit.
        case millionths(UInt64)
        case real(Double)
        /// `counts` has one element more than `bounds`: those above the last.
        case histogram(bounds: [Double], counts: [UInt64], sum: Double)
    }

    package let metric: Metric
    package var samples: [Sample]

    package init(_ metric: Metric, _ samples: [Sample]) {
        self.metric = metric
        self.samples = samples
    }
}
