package import Units

/// Divides the energy of one zone, window by window.
package struct ZoneAttributor: Sendable {
    let basis: AttributionBasis
    let method: AttributionMethod
    private let policy: StaticPolicy
    var staticLearner: StaticPower
    /// The static power that the operator gave; nil where it is learned.
    package var configured: Watts?
    /// Of the last window; nil before the first, and of a zone that is not divided.
    package private(set) var staticEstimate: StaticEstimate?
    var regression: PowerRegression
    var selection = MethodSelection()
    /// True where coefficients came from another node.
    let hasLearnedElsewhere: Bool
    /// True where those coefficients need hardware counters.
    let needsCounters: Bool
    /// How the last window was divided.
    var decision = Decision(method: AttributionMethod.cpuTime.rawValue, reason: "nothing has run yet")
    /// Weights of the active workloads, in their order, and what each of them receives. Kept for their storage.
    var weights: [UInt64] = []
    private var parts: [UInt64] = []

    /// Where the energy of one window went; with the shares it adds up to ``ZoneReading/total``.
    package struct Split: Sendable, Equatable {
        /// Static energy that is not charged to workloads, and all of the energy when nothing ran.
        package var idle: Microjoules
        package var unattributed: Microjoules
        /// The static power that was used.
        package var staticPower: Watts
    }

    /// - Parameters:
    ///   - prior: what is known of the idle power beforehand.
    ///   - isMemory: of memory; see ``PowerRegression``.
    ///   - learned: coefficients of a machine of the same CPU; they are used until this machine's own are better.
    package init(
        prior: IdlePrior, isMemory: Bool = false, basis: AttributionBasis = .cpuFeatures,
        method: AttributionMethod = .automatic, policy: StaticPolicy = .none,
        learned: [PowerFeatures.Feature: Double]? = nil
    ) {
        self.basis = basis
        self.method = method
        self.policy = policy
        staticLearner = StaticPower(prior: prior)
        regression = PowerRegression(isMemory: isMemory, learned: learned)
        hasLearnedElsewhere = learned != nil
        needsCounters = PowerFeatures.Feature.ofCounters.contains { (learned?[$0] ?? 0) > 0 }
    }

    /// How many zones the prior covers together, this one included.
    var zonesAlike: Int {
        get { staticLearner.zonesAlike }
        set { staticLearner.zonesAlike = newValue }
    }

    /// The static power as it is learned, whatever is configured; nil before the first window.
    var learned: Watts? { staticLearner.estimate?.power }

    /// Divides a reading into static energy and dynamic energy, which goes to the workloads that ran.
    ///
    /// - Parameters:
    ///   - shares: receives each workload's dynamic energy, uJ.
    ///   - staticShares: receives each workload's static energy, uJ: zeros with ``StaticPolicy/none``.
    /// - Complexity: O(active workloads), and see ``PowerRegression``; clearing the shares is O(workloads).
    package mutating func attribute(
        _ reading: ZoneReading, window: UsageWindow, into shares: inout [UInt64], staticShares: inout [UInt64]
    ) -> Split {
        clear(&shares, count: window.usage.count)
        clear(&staticShares, count: window.usage.count)
        guard basis != .none else {
            decision = Decision(
                method: "cpu-time", reason: "stays unattributed without --power.attribute-platform")
            return Split(idle: .zero, unattributed: reading.total, staticPower: reading.staticPower ?? Watts(0))
        }
        let power = reading.energy.power(over: window.duration)
        learnStaticPower(reading, power: power, window: window)
        let learned = staticEstimate?.power
        var baseline = learned ?? Watts(0)
        if method == .ratio {
            let used = window.utilization.isFinite ? min(max(window.utilization, 0), 1) : 0
            baseline = power * (1 - used)
        }
        let staticEnergy = min(reading.energy, baseline.energy(over: window.duration))
        let dynamic = reading.energy - staticEnergy
        var handedOut: Microjoules
        if basis == .deviceShares {
            weighByDevice(window, reading.zone.id)
            handedOut = apportion(dynamic, by: weights, into: &shares)
        } else {
            learn(from: reading, power: power, staticPower: baseline, window: window)
            weigh(window, isMeasured: reading.zone.quality == .measured)
            handedOut = apportion(dynamic, by: weights, into: &parts)
            for (position, index) in window.active.enumerated() { shares[index] = parts[position] }
        }
        handedOut = handedOut + shareStatic(staticEnergy, window: window, into: &staticShares)
        return Split(
            idle: reading.energy - handedOut, unattributed: reading.gapEnergy,
            staticPower: method == .ratio ? learned ?? baseline : baseline)
    }

    /// Keeps ``staticEstimate`` up to date: what the operator gave, else what the source knows, else what was learned.
    private mutating func learnStaticPower(_ reading: ZoneReading, power: Watts, window: UsageWindow) {
        if reading.gapEnergy > .zero {
            staticLearner.skip()
        } else if reading.zone.quality == .measured {
            staticLearner.observe(
                power: power, utilization: window.utilization, over: window.duration,
                isSlow: reading.zone.method == .sampled)
        }
        if let configured {
            staticEstimate = StaticEstimate(configured, bounds: configured...configured, quality: .configured)
        } else if let known = reading.staticPower {
            staticEstimate = StaticEstimate(known, bounds: reading.staticBand ?? known...known, quality: .prior)
        } else {
            staticEstimate = staticLearner.estimate
        }
    }

    private func clear(_ shares: inout [UInt64], count: Int) {
        shares.removeAll(keepingCapacity: true)
        shares.append(contentsOf: repeatElement(0, count: count))
    }

    /// Hands out static energy by the policy; returns how much.
    private mutating func shareStatic(
        _ energy: Microjoules, window: UsageWindow, into shares: inout [UInt64]
    ) -> Microjoules {
        weights.removeAll(keepingCapacity: true)
        let count = window.usage.count
        switch policy {
        case .none: return .zero
        case .cpuTime:
            for usage in window.usage { weights.append(usage.cpuNanoseconds) }
        case .equal, .requests:
            weights.append(contentsOf: window.staticWeights.prefix(count))
            while weights.count < count { weights.append(0) }
        }
        weights.append(window.staticWeights.dropFirst(count).reduce(UInt64(0)) { $0.saturatingPlus($1) })
        let handedOut = apportion(energy, by: weights, into: &shares)
        return handedOut - Microjoules(shares.removeLast())
    }
}
