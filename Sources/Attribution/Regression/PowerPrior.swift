/// What the coefficients are taken for before there is evidence, and the scales of the features.
struct PowerPrior: Sendable {
    typealias Vector = PowerRegression.Vector

    /// Coefficients learned elsewhere; nil where there are none.
    private let coefficients: Vector?
    private let isMemory: Bool
    /// Running means over the node: of each feature, of its square, of the dynamic power, W.
    private var mean = Vector.zero
    private(set) var square = Vector.zero
    private var power = 0.0

    /// Weight of the prior, in seconds of evidence.
    private static let seconds = 2.0
    /// The same where a feature is taken for worthless unless shown otherwise: the power of running at all, and in memory
    /// whose cache misses are counted everything but these and CPU time. In a short life such a feature fits what another
    /// one draws.
    private static let doubtfulSeconds = 200.0

    init(isMemory: Bool) {
        coefficients = nil
        self.isMemory = isMemory
    }

    init(coefficients: Vector) {
        self.coefficients = coefficients
        isMemory = false
    }

    /// - Parameters:
    ///   - features: of all workloads together.
    ///   - power: dynamic power, W.
    ///   - share: weight of this window in the running means.
    mutating func observe(_ features: Vector, power: Double, share: Double) {
        mean += share * (features - mean)
        square += share * (features * features - square)
        self.power += share * (power - self.power)
    }

    /// Memory whose accesses are counted.
    private var isOfAccesses: Bool { isMemory && square[PowerFeatures.Feature.misses.rawValue] > 0 }

    private static func isAccess(_ feature: Int) -> Bool {
        [PowerFeatures.Feature.cpu, .efficiency, .misses].contains { $0.rawValue == feature }
    }

    /// How much the prior of a feature weighs.
    func weight(of feature: Int) -> Double {
        let isDoubtful = feature == PowerFeatures.Feature.wake.rawValue || isOfAccesses && !Self.isAccess(feature)
        return (isDoubtful ? Self.doubtfulSeconds : Self.seconds) * square[feature]
    }

    /// The coefficient of a feature, W: half of the power by CPU time, half by the roots of CPU time and cycles. For
    /// memory half by CPU time and half by cache misses, where those are counted: each is an access, and they add up.
    func value(of feature: Int) -> Double {
        if let coefficients { return coefficients[feature] }
        guard mean[feature] > 0 else { return 0 }
        if isOfAccesses { return Self.isAccess(feature) ? 0.5 * max(0, power) / mean[feature] : 0 }
        let isCounted = square[PowerFeatures.Feature.cycles.rawValue] > 0
        let share: Double =
            switch PowerFeatures.Feature(rawValue: feature) {
            case .cpu, .efficiency: 0.5
            case .cpuRoot, .efficiencyRoot: isCounted ? 0.25 : 0.5
            case .cyclesRoot: 0.25
            default: 0
            }
        return share * max(0, power) / mean[feature]
    }
}
