/// The value of a sample, exact where the figure is.
package enum MetricValue: Sendable, Equatable {
    case integer(UInt64)
    /// A number of millionths, such as microjoules of a metric in joules: exported to the last digit.
    case millionths(UInt64)
    case real(Double)
    /// `counts` has one element more than `bounds`: those above the last.
    case histogram(bounds: [Double], counts: [UInt64], sum: Double)

    /// 1 for true.
    static func flag(_ value: Bool) -> MetricValue { .integer(value ? 1 : 0) }
}
