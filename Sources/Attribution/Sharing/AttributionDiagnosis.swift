/// How a zone's dynamic energy is divided at present, and how good that is: for users.
package struct AttributionDiagnosis: Sendable, Equatable {
    /// In force; never ``AttributionMethod/automatic`` itself: `model` where the regression has a say.
    package var method: String
    /// In words.
    package var reason: String
    /// How much the regression decides, the rest being CPU time's: 0...1.
    package var modelShare: Double
    /// Mean absolute error against the meter over the recent past, W; nil where nothing is measured or compared.
    package var modelErrorWatts: Double?
    package var cpuTimeErrorWatts: Double?
    /// What the workloads have in common, W, by name of the feature.
    package var coefficients: [String: Double]

    package init(
        method: String, reason: String, modelShare: Double = 0, modelErrorWatts: Double? = nil,
        cpuTimeErrorWatts: Double? = nil,
        coefficients: [String: Double] = [:]
    ) {
        self.method = method
        self.reason = reason
        self.modelShare = modelShare
        self.modelErrorWatts = modelErrorWatts
        self.cpuTimeErrorWatts = cpuTimeErrorWatts
        self.coefficients = coefficients
    }
}
