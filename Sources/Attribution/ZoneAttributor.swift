package import Units

/// Divides the energy of one zone, window by window.
package struct ZoneAttributor: Sendable {
    private let method: AttributionMethod
    private let policy: StaticPolicy
    private var staticLearner: StaticPower
    private var model: DynamicPowerModel
    private var selection = MethodSelection()
    private let hasLearnedElsewhere: Bool
    private let needsCounters: Bool
    package private(set) var diagnosis: AttributionDiagnosis
    private var weights: [UInt64] = []
    private var features: [PowerFeatures] = []
    private var ids: [UInt64] = []

    /// Where the energy of one window went; with the shares it adds up to `energy + gapEnergy` of the reading.
    package struct Split: Sendable, Equatable {
        /// Static energy that is not charged to workloads, and all of the energy when nothing ran.
        package var idle: Microjoules
        package var unattributed: Microjoules
        /// The static power that was used.
        package var staticPower: Watts
    }

    /// - Parameters:
    ///   - idleShare: see ``StaticPower/init(idleShare:)``.
    ///   - isMemory: of memory; see ``DynamicPowerModel``.
    ///   - learned: coefficients of a machine of the same CPU; they are used until this machine's own are better.
    package init(
        idleShare: Double, isMemory: Bool = false, method: AttributionMethod = .automatic, policy: StaticPolicy = .none,
        learned: [PowerFeatures.Feature: Double]? = nil
    ) {
        self.method = method
        self.policy = policy
        staticLearner = StaticPower(idleShare: idleShare)
        model = learned.map(DynamicPowerModel.init(coefficients:)) ?? DynamicPowerModel(isMemory: isMemory)
        hasLearnedElsewhere = learned != nil
        let counters: [PowerFeatures.Feature] = [
            .cycles, .cyclesRoot, .instructions, .instructionsRoot, .misses, .missesRoot,
        ]
        needsCounters = counters.contains { (learned?[$0] ?? 0) > 0 }
        diagnosis = .initial
    }

    /// Divides a reading into static energy and dynamic energy, which goes to the workloads that ran.
    ///
    /// - Parameters:
    ///   - duration: length of the window.
    ///   - utilization: share of the node's CPU time that was used, 0...1.
    ///   - usage: of every workload that can have a share, with distinct ids.
    ///   - staticWeights: what each workload has reserved for ``StaticPolicy/requests``, any unit, or 1 for each that is
    ///     charged for ``StaticPolicy/equal``; missing ones count as 0. Further weights belong to no workload: their
    ///     part stays idle.
    ///   - shares: receives each workload's dynamic energy, uJ.
    ///   - staticShares: receives each workload's static energy, uJ: zeros with ``StaticPolicy/none``.
    /// - Complexity: O(workloads), and see ``DynamicPowerModel``.
    package mutating func attribute(
        _ reading: ZoneReading, duration: Seconds, utilization: Double, usage: [WorkloadUsage],
        staticWeights: [UInt64] = [], into shares: inout [UInt64], staticShares: inout [UInt64]
    ) -> Split {
        let power = reading.energy.power(over: duration)
        staticLearner.observe(power: power, utilization: utilization, over: duration)
        let learned = reading.staticPower ?? staticLearner.power
        var baseline = learned ?? Watts(0)
        if method == .ratio {
            let used = utilization.isFinite ? min(max(utilization, 0), 1) : 0
            baseline = power * (1 - used)
        }
        let staticEnergy = min(reading.energy, baseline.energy(over: duration))
        features.removeAll(keepingCapacity: true)
        if method == .automatic, duration.value > 1e-3, duration.value.isFinite, baseline.value.isFinite {
            // A window that a gap in the meter belongs to teaches nothing.
            learn(
                power: power, staticPower: baseline, isKnown: reading.staticPower != nil, usage,
                seconds: duration.value,
                isMeasured: reading.zone.quality == .measured && reading.gapEnergy == .zero && reading.energy > .zero)
        }
        weigh(usage, isMeasured: reading.zone.quality == .measured)
        var handedOut = apportion(reading.energy - staticEnergy, by: weights, into: &shares)
        handedOut = handedOut + shareStatic(staticEnergy, among: usage, weights: staticWeights, into: &staticShares)
        return Split(
            idle: reading.energy - handedOut, unattributed: reading.gapEnergy,
            staticPower: method == .ratio ? learned ?? baseline : baseline)
    }

    private mutating func learn(
        power: Watts, staticPower: Watts, isKnown: Bool, _ usage: [WorkloadUsage], seconds: Double, isMeasured: Bool
    ) {
        ids.removeAll(keepingCapacity: true)
        let means = CounterMeans(of: usage)
        var busy = 0.0
        for workload in usage {
            features.append(PowerFeatures(workload, seconds: seconds, means: means))
            ids.append(workload.id)
            busy += Double(workload.cpuNanoseconds) / 1e9 / seconds
        }
        guard isMeasured else { return }
        let outcome = model.learn(
            power: power.value, still: staticPower.value, isKnown: isKnown, ids: ids, features: features,
            seconds: seconds,
            busy: busy)
        selection.judge(
            observed: outcome.observed, expected: outcome.expected, busy: outcome.busy, seconds: seconds)
    }

    /// Fills `weights` by the method in force, and says which that is.
    private mutating func weigh(_ usage: [WorkloadUsage], isMeasured: Bool) {
        weights.removeAll(keepingCapacity: true)
        switch method {
        case .automatic where isMeasured && selection.modelShare > 0:
            weighByModel(usage, share: selection.modelShare)
            diagnosis = describe("model", "it predicts the meter better than CPU time does", selection.modelShare)
        case .automatic where needsCounters && !features.contains { $0[.cycles] > 0 }:
            diagnosis = describe("cpu-time", "the model file needs hardware counters, which are not read here", 0)
        case .automatic where hasLearnedElsewhere && (!isMeasured || selection.modelError == nil):
            weighByModel(usage, share: 1)
            diagnosis = describe("model", "learned by a machine of the same CPU", 1)
        case .automatic where !isMeasured:
            diagnosis = describe("cpu-time", "the power of this zone is not measured: nothing to learn from", 0)
        case .automatic:
            diagnosis = describe("cpu-time", "the model has not beaten it on recent windows", 0)
        case .cycles:
            let means = CounterMeans(of: usage)
            weights += usage.map { workload in
                let cpu = Double(workload.cpuNanoseconds) / 1e9
                return UInt64(min(CounterMeans.plausible(workload.cycles, in: cpu) ?? cpu * means.cycles, 1e18))
            }
            let isCounted = weights.contains { $0 > 0 }
            diagnosis = AttributionDiagnosis(
                method: isCounted ? "cycles" : "cpu-time",
                reason: isCounted ? "configured" : "cycles are not counted here")
        case .cpuTime, .ratio:
            diagnosis = AttributionDiagnosis(method: method.rawValue, reason: "configured")
        }
        guard !weights.contains(where: { $0 > 0 }) else { return }
        weights.removeAll(keepingCapacity: true)
        weights += usage.map(\.cpuNanoseconds)
    }

    /// Weighs by the model for `share` (0 to 1) of the energy, by CPU time for the rest.
    private mutating func weighByModel(_ usage: [WorkloadUsage], share: Double) {
        // Not where the window was too odd to have features: then CPU time decides.
        guard features.count == usage.count else { return }
        var watts = 0.0
        var time = 0.0
        for (index, workload) in usage.enumerated() {
            watts += model.power(of: workload.id, features[index])
            time += Double(workload.cpuNanoseconds)
        }
        guard watts > 0, watts.isFinite, time > 0 else { return }
        let perWatt = share * Self.weightScale / watts
        let perNanosecond = (1 - share) * Self.weightScale / time
        for (index, workload) in usage.enumerated() {
            let byModel = perWatt * model.power(of: workload.id, features[index])
            let sum = byModel + perNanosecond * Double(workload.cpuNanoseconds)
            let weight = sum > 0 ? UInt64(min(sum, Self.weightScale)) : 0
            // A workload that ran has at least the smallest weight.
            weights.append(workload.cpuNanoseconds > 0 ? max(weight, 1) : weight)
        }
    }

    /// Of all weights together: fine enough for any number of workloads, and exact in a Double.
    private static let weightScale = 1e15

    private func describe(_ method: String, _ reason: String, _ share: Double) -> AttributionDiagnosis {
        var coefficients: [String: Double] = [:]
        for (feature, value) in model.coefficients where value.isFinite { coefficients[feature.name] = value }
        return AttributionDiagnosis(
            method: method, reason: reason, modelShare: share, modelErrorWatts: selection.modelError,
            cpuTimeErrorWatts: selection.cpuTimeError, coefficients: coefficients)
    }

    /// Hands out static energy by the policy; returns how much.
    private mutating func shareStatic(
        _ energy: Microjoules, among usage: [WorkloadUsage], weights staticWeights: [UInt64],
        into shares: inout [UInt64]
    ) -> Microjoules {
        var weights: [UInt64]
        switch policy {
        case .none: weights = []
        case .cpuTime: weights = usage.map(\.cpuNanoseconds)
        case .equal, .requests: weights = Array(staticWeights.prefix(usage.count))
        }
        weights += repeatElement(0, count: usage.count - weights.count)
        let unowned = staticWeights.dropFirst(usage.count).reduce(UInt64(0)) { sum, weight in
            let (total, overflows) = sum.addingReportingOverflow(weight)
            return overflows ? .max : total
        }
        weights.append(unowned)
        let handedOut = apportion(energy, by: weights, into: &shares)
        return handedOut - Microjoules(shares.removeLast())
    }
}
