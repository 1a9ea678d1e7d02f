/// A unit in OpenTelemetry's notation (UCUM) and as the word that Prometheus has at the end of a name.
package struct MetricUnit: Sendable, Hashable {
    package let symbol: String
    /// Empty for none.
    package let word: String

    package static let joules = MetricUnit(symbol: "J", word: "joules")
    package static let watts = MetricUnit(symbol: "W", word: "watts")
    package static let grams = MetricUnit(symbol: "g", word: "grams")
    package static let seconds = MetricUnit(symbol: "s", word: "seconds")
    package static let bytes = MetricUnit(symbol: "By", word: "bytes")
    package static let ratio = MetricUnit(symbol: "1", word: "ratio")
    package static let gramsPerKilowattHour = MetricUnit(symbol: "g/kWh", word: "grams_per_kilowatt_hour")
    /// A number of things; `{tick}` and its like have no word.
    package static func count(_ thing: String) -> MetricUnit { MetricUnit(symbol: "{\(thing)}", word: "") }
    package static let none = MetricUnit(symbol: "", word: "")
}
