/// Decides whether the dynamic power model has earned to be used, by what a node can see on line.
///
/// Both the model and CPU time (one fitted figure of watts per busy CPU) say beforehand what the zone will draw; the
/// meter then tells. The model is used once its mean error lies well below that of CPU time, and no longer than it
/// lies below.
package struct MethodSelection: Sendable {
    /// Mean absolute error over the recent past, W; nil before the first window.
    package private(set) var modelError: Double?
    package private(set) var cpuTimeError: Double?
    package private(set) var isModelTrusted = false
    /// Time that was judged, s.
    private var age = 0.0
    private var load = 0.0
    private var loadSquare = 0.0
    private var loadPower = 0.0

    /// Time constants of the errors and of the watts per CPU, s.
    private static let errorMemory = 400.0
    private static let slopeMemory = 40_000.0
    /// The model's error must fall below these shares of CPU time's to be trusted, and to stay so.
    private static let trustBelow = 0.85
    private static let keepBelow = 0.9
    /// Nothing is judged before, s.
    package static let leastAge = 20.0

    package init() {}

    /// - Parameters:
    ///   - observed: dynamic power, W.
    ///   - expected: what the model had expected, W.
    ///   - busy: busy CPUs.
    package mutating func judge(observed: Double, expected: Double, busy: Double, seconds: Double) {
        age += seconds
        let gain = max(min(1, seconds / Self.errorMemory), seconds / age)
        let byTime = loadSquare > 0 ? loadPower / loadSquare * busy : 0
        modelError = mix(modelError, abs(observed - expected), gain)
        cpuTimeError = mix(cpuTimeError, abs(observed - byTime), gain)
        let keep = max(0, 1 - seconds / Self.slopeMemory)
        loadSquare = loadSquare * keep + busy * busy * seconds
        loadPower = loadPower * keep + busy * observed * seconds
        guard age > Self.leastAge, let modelError, let cpuTimeError else { return }
        if modelError < Self.trustBelow * cpuTimeError {
            isModelTrusted = true
        } else if modelError > Self.keepBelow * cpuTimeError {
            isModelTrusted = false
        }
    }

    private func mix(_ old: Double?, _ new: Double, _ gain: Double) -> Double {
        guard let old else { return new }
        return old + gain * (new - old)
    }
}

/// How a zone's dynamic energy is divided at present, and how good that is: for users.
package struct AttributionDiagnosis: Sendable, Equatable {
    /// In force; never ``AttributionMethod/automatic`` itself: `model` where that has chosen it.
    package var method: String
    /// In words.
    package var reason: String
    /// Mean absolute error against the meter over the recent past, W; nil where nothing is measured or compared.
    package var modelErrorWatts: Double?
    package var cpuTimeErrorWatts: Double?
    /// What the workloads have in common, W, by name of the feature.
    package var coefficients: [String: Double]

    package init(
        method: String, reason: String, modelErrorWatts: Double? = nil, cpuTimeErrorWatts: Double? = nil,
        coefficients: [String: Double] = [:]
    ) {
        self.method = method
        self.reason = reason
        self.modelErrorWatts = modelErrorWatts
        self.cpuTimeErrorWatts = cpuTimeErrorWatts
        self.coefficients = coefficients
    }
}
