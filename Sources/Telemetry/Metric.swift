/// A metric, independent of the format that it is exported in.
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

    /// OpenTelemetry name: `energyd.container.energy`.
    package let name: String
    package let kind: Kind
    package let unit: MetricUnit
    package let help: String
    /// The attributes that its samples carry, by OpenTelemetry name; some only where they are known. One that ends
    /// with `*` stands for all that begin so.
    package let attributes: [String]

    package init(_ name: String, _ kind: Kind, _ unit: MetricUnit, _ help: String, attributes: [String] = []) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.attributes = attributes
    }
}
