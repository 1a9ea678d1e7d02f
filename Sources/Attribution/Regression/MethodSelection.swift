/// Decides how far the regression is used, by what a node can observe at run time.
///
/// Both the regression and CPU time (one fitted figure of watts per busy CPU) predict the power of a window; the meter
/// then shows it. The regression decides over the share of CPU time's squared error that it removes, and CPU time over
/// the rest: nothing jumps, and a regression that is no better is not used.
package struct MethodSelection: Sendable {
    /// Mean absolute error over the recent past, W; nil before the first window.
    package private(set) var modelError: Double?
    package private(set) var cpuTimeError: Double?
    /// Time that was judged, s.
    private var age = 0.0
    private var loadSquare = 0.0
    private var loadPower = 0.0

    /// Time constants of the errors, at most, and of the watts per CPU, s.
    private static let errorMemory = 400.0
    /// Errors of the first two thirds of the life so far are history: both have to learn first.
    private static let youth = 3.0
    private static let slopeMemory = 40_000.0
    /// Nothing is judged before, s.
    private static let minAge = 20.0

    /// How much the regression decides, 0...1.
    package var modelShare: Double {
        guard age > Self.minAge, let modelError, let cpuTimeError, cpuTimeError > 0 else { return 0 }
        let ratio = modelError / cpuTimeError
        return max(0, 1 - ratio * ratio)
    }

    package init() {}

    /// - Parameters:
    ///   - observed: dynamic power, W.
    ///   - expected: what the regression had predicted, W.
    ///   - busy: busy CPUs.
    package mutating func judge(observed: Double, expected: Double, busy: Double, seconds: Double) {
        age += seconds
        let gain = max(min(1, seconds / Self.errorMemory), min(1, Self.youth * seconds / age))
        let byTime = loadSquare > 0 ? loadPower / loadSquare * busy : 0
        modelError = mix(modelError, abs(observed - expected), gain)
        cpuTimeError = mix(cpuTimeError, abs(observed - byTime), gain)
        let keep = max(0, 1 - seconds / Self.slopeMemory)
        loadSquare = loadSquare * keep + busy * busy * seconds
        loadPower = loadPower * keep + busy * observed * seconds
    }

    private func mix(_ old: Double?, _ new: Double, _ gain: Double) -> Double {
        guard let old else { return new }
        return old + gain * (new - old)
    }
}
