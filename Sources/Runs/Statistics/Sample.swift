/// What repeated measurements of one quantity say about its true mean.
package struct SampleStatistics: Sendable, Equatable, Codable {
    package var count: Int
    package var mean: Double
    /// Of a single measurement, with n - 1; nil for fewer than two.
    package var deviation: Double?
    /// The interval that contains the true mean 95 times out of 100, by Student's t; nil for fewer than two.
    package var low: Double?
    package var high: Double?

    package static let confidence = 0.95

    /// nil where there is nothing.
    package init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let n = Double(values.count)
        let mean = values.reduce(0) { $0 + $1 / n }
        self.mean = mean
        guard values.count > 1 else { return }
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
        let reach = StudentT(degreesOfFreedom: n - 1).bound(confidence: Self.confidence) * deviation / n.squareRoot()
        self.deviation = deviation
        (low, high) = (mean - reach, mean + reach)
    }

    /// Half the width of the interval; nil for fewer than two.
    package var reach: Double? { high.map { $0 - mean } }
}
