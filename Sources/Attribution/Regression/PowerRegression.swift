internal import Units

/// Learns on line which workload draws what, from nothing but the power of the whole and the usage of each workload.
///
/// The dynamic power of a zone is modelled as `sum_i u_i . x_i`, with the ``PowerFeatures`` `x_i` of workload `i` and
/// its own coefficients `u_i >= 0`, W. The largest workloads have their own `u_i`, all others share one. Minimised is
///
///     sum_t w_t (P_t - b - sum_i u_i . x_i,t)^2  +  sum_i T_i |u_i - c|^2  +  L |c - p|^2  +  B (b - P_static)^2
///
/// with each feature scaled by its mean square.
///
/// - `c` is what the workloads have in common: it decides as long as only one regime (set of noticeable workloads) was
///   seen, because within one regime the parts of a sum cannot be distinguished. The ridge `T_i` falls with every other
///   regime that `i` was part of.
/// - `p` is the prior, so that the first windows are sensible; see ``PowerPrior``.
/// - `b` is the intercept: the static power as the regression has it.
/// - `w_t` is the window's length, less for outliers (Huber), fading over half a day.
/// - Power and features pass the same low-pass filter first: meter and CPU time never describe quite the same moment,
///   and an error in `x` would bias `u` low. The sum stays true for smoothed figures, because it is linear in them.
///
/// Solved by a step along what is common and two sweeps of coordinate descent per window, warm from the last solution.
/// Complexity: O((workloads with own coefficients * active features)^2) + O(active workloads), independent of the past;
/// no allocation per window.
package struct PowerRegression: Sendable {
    typealias Vector = SIMD16<Double>

    /// Workloads with their own coefficients.
    package static let capacity = 16
    /// The slot of every workload without own coefficients.
    static let rest = capacity
    static let slotCount = capacity + 1
    static let width = PowerFeatures.count
    static let dimension = slotCount * width

    /// Time constant of the low-pass filter, s. What an access to memory costs is drawn at once; a package follows with
    /// its clock and its heat.
    let smoothing: Double
    private static let packageSmoothing = 30.0
    private static let memorySmoothing = 10.0
    /// Time constant of forgetting, s.
    static let memory = 40_000.0
    /// No node draws as much, W.
    private static let highestPower = 1e5

    /// The last one stands for every workload without own coefficients.
    var slots = [Slot](repeating: Slot(), count: slotCount)
    var slotOf = SlotTable()
    /// Coefficients by slot, W per feature.
    var coefficientsOf = [Vector](repeating: .zero, count: slotCount)
    /// What the workloads have in common, W per feature.
    var common = Vector.zero
    /// The same by number of the unknown, while solving, and the numbers of those that are not zero.
    var solution = [Double](repeating: 0, count: dimension)
    var unknowns: [Int] = []
    var equations = NormalEquations(slots: slotCount, width: width)
    /// The static power as the regression has it, W.
    var intercept = 0.0
    var prior: PowerPrior
    /// Features that ever occurred, ascending.
    var activeFeatures: [Int] = []
    /// Slots that are in use, ascending.
    var usedSlots = [rest]
    /// What each active workload of the last window is expected to draw, W; see ``estimate(_:)``.
    private(set) var powers: [Double] = []

    private var smoothPower = 0.0
    private var smoothBusy = 0.0
    private var errors = ErrorScale()
    /// Time that was learned from, s.
    private(set) var age = 0.0
    /// Time since the regime changed last, s.
    var sinceRegime = 0.0

    /// - Parameters:
    ///   - isMemory: of a memory zone: cache misses are thought to matter.
    ///   - learned: coefficients learned elsewhere to start from, W by feature; nil for none.
    package init(isMemory: Bool = false, learned: [PowerFeatures.Feature: Double]? = nil) {
        smoothing = isMemory ? Self.memorySmoothing : Self.packageSmoothing
        guard let learned else {
            prior = PowerPrior(isMemory: isMemory)
            return
        }
        var vector = Vector.zero
        for (feature, value) in learned where value.isFinite && value > 0 { vector[feature.rawValue] = value }
        prior = PowerPrior(coefficients: vector)
        common = vector
        coefficientsOf = coefficientsOf.map { _ in vector }
    }

    /// What the workloads have in common, W by feature; without those that never occurred.
    package var coefficients: [PowerFeatures.Feature: Double] {
        var result: [PowerFeatures.Feature: Double] = [:]
        for feature in PowerFeatures.Feature.allCases where prior.square[feature.rawValue] > 0 {
            result[feature] = common[feature.rawValue]
        }
        return result
    }

    /// The dynamic power that a workload is expected to draw, W.
    package func power(of id: UInt64, _ features: PowerFeatures) -> Double {
        (coefficientsOf[slotOf[id] ?? Self.rest] * features.values).sum()
    }

    /// Fills ``powers``; returns their sum, W.
    mutating func estimate(_ window: UsageWindow) -> Double {
        powers.removeAll(keepingCapacity: true)
        var sum = 0.0
        window.forEachActive { id, features in
            let watts = (coefficientsOf[slotOf[id] ?? Self.rest] * features).sum()
            powers.append(watts)
            sum += watts
        }
        return sum
    }

    /// Takes in one window, which has features.
    ///
    /// - Parameters:
    ///   - power: of the zone, static power included, W; finite.
    ///   - staticPower: W, as it is known or was guessed from the quietest windows.
    ///   - isKnown: the static power is given: nothing about it is learned here.
    /// - Returns: the smoothed dynamic power, what was expected of it before this window, W, and the smoothed load.
    package mutating func learn(
        _ window: UsageWindow, power: Double, staticPower: Double, isKnown: Bool = false
    ) -> (observed: Double, expected: Double, busy: Double) {
        let seconds = min(window.duration.value, smoothing)
        let power = min(max(power, -Self.highestPower), Self.highestPower)
        age += seconds
        let staticPower = min(max(staticPower, 0), Self.highestPower)
        if isKnown || age <= seconds { intercept = staticPower }
        assignSlots(window, power: power - staticPower)
        let gain = max(seconds / (smoothing + seconds), seconds / age)
        smoothPower += gain * (power - smoothPower)
        smoothBusy += gain * (window.busy - smoothBusy)
        let (total, expected) = smoothSlots(gain)
        let share = max(seconds / Self.memory, seconds / age)
        prior.observe(total, power: smoothPower - staticPower, share: share)
        activeFeatures.removeAll(keepingCapacity: true)
        for feature in 0..<Self.width where prior.square[feature] > 0 { activeFeatures.append(feature) }
        countRegimes(after: seconds, of: expected)
        // How much of the power is dynamic is not what the two methods differ in.
        let dynamic = smoothPower - intercept
        let trust = errors.weight(of: abs(dynamic - expected), seconds: seconds, isYoung: age <= smoothing)
        equations.fade(after: seconds, memory: Self.memory)
        accumulate(weight: seconds * trust)
        solve(near: isKnown ? nil : staticPower)
        return (dynamic, expected, smoothBusy)
    }

    /// Filters the features of every slot; returns their sum and the power that is expected of them, W.
    private mutating func smoothSlots(_ gain: Double) -> (total: Vector, expected: Double) {
        var total = Vector.zero
        var expected = 0.0
        for slot in slots.indices {
            slots[slot].smooth += gain * (slots[slot].now - slots[slot].smooth)
            let part = (coefficientsOf[slot] * slots[slot].smooth).sum()
            slots[slot].power = part
            expected += part
            total += slots[slot].smooth
        }
        return (total, expected)
    }

    private mutating func accumulate(weight: Double) {
        equations.begin(weight: weight, power: smoothPower)
        for slot in slots.indices where slots[slot].smooth.max() > 1e-9 {
            for other in slots.indices where slots[other].smooth.max() > 1e-9 {
                equations.add(slots[slot].smooth, at: slot, slots[other].smooth, at: other, features: activeFeatures)
            }
            equations.add(slots[slot].smooth, at: slot, features: activeFeatures)
        }
    }
}
