package import Units

/// Splits the energy of one zone, window by window.
package struct ZoneAttributor: Sendable {
    private let method: AttributionMethod
    private let policy: StaticPolicy
    private var staticPower: StaticPower
    private var model: DynamicPowerModel
    private var selection = MethodSelection()
    private let hasLearnedElsewhere: Bool
    private let needsCounters: Bool
    package private(set) var diagnosis: AttributionDiagnosis
    private var weights: [UInt64] = []
    private var features: [PowerFeatures] = []
    private var ids: [UInt64] = []

    /// Where the energy of one window went; with the shares it adds up to `energy + late` of the reading.
    package struct Split: Sendable, Equatable {
        /// Static energy that nobody bears, and all of the energy when nothing ran.
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
        staticPower = StaticPower(idleShare: idleShare)
        model = learned.map(DynamicPowerModel.init(coefficients:)) ?? DynamicPowerModel(isMemory: isMemory)
        hasLearnedElsewhere = learned != nil
        let counters: [PowerFeatures.Feature] = [
            .cycles, .cyclesRoot, .instructions, .instructionsRoot, .misses, .missesRoot,
        ]
        needsCounters = counters.contains { (learned?[$0] ?? 0) > 0 }
        diagnosis = AttributionDiagnosis(method: AttributionMethod.cpuTime.rawValue, reason: "nothing ran yet")
    }

    /// Divides a reading into static energy and dynamic energy, which goes to those who ran.
    ///
    /// - Parameters:
    ///   - duration: length of the window.
    ///   - utilization: share of the node's CPU time that was used, 0...1.
    ///   - activities: of everybody who can have a share, with distinct ids.
    ///   - claims: what each has reserved for ``StaticPolicy/requests``, any unit, or 1 for each that bears its part
    ///     for ``StaticPolicy/equal``; missing ones count as 0. What follows after them is nobody's: its part stays
    ///     idle.
    ///   - shares: receives each one's dynamic energy, uJ.
    ///   - fixed: receives each one's static energy, uJ: zeros with ``StaticPolicy/none``.
    /// - Complexity: O(activities), and see ``DynamicPowerModel``.
    package mutating func attribute(
        _ reading: ZoneReading, duration: Seconds, utilization: Double, activities: [WorkloadActivity],
        claims: [UInt64] = [], into shares: inout [UInt64], fixed: inout [UInt64]
    ) -> Split {
        let power = reading.energy.power(over: duration)
        staticPower.observe(power: power, utilization: utilization, over: duration)
        var still = reading.staticPower ?? staticPower.power ?? Watts(0)
        if method == .ratio {
            let used = utilization.isFinite ? min(max(utilization, 0), 1) : 0
            still = power * (1 - used)
        }
        let staticEnergy = min(reading.energy, still.energy(over: duration))
        features.removeAll(keepingCapacity: true)
        // A window that a gap in the meter belongs to teaches nothing.
        if method == .automatic, duration.value > 1e-3, duration.value.isFinite, still.value.isFinite {
            learn(
                power: power, still: still, isKnown: reading.staticPower != nil, activities, seconds: duration.value,
                isMeasured: reading.zone.quality == .measured && reading.late == .zero && reading.energy > .zero)
        }
        weigh(activities, isMeasured: reading.zone.quality == .measured)
        var handedOut = apportion(reading.energy - staticEnergy, by: weights, into: &shares)
        handedOut = handedOut + shareStatic(staticEnergy, among: activities, claims: claims, into: &fixed)
        return Split(
            idle: reading.energy - handedOut, unattributed: reading.late,
            staticPower: method == .ratio ? reading.staticPower ?? staticPower.power ?? still : still)
    }

    private mutating func learn(
        power: Watts, still: Watts, isKnown: Bool, _ activities: [WorkloadActivity], seconds: Double, isMeasured: Bool
    ) {
        ids.removeAll(keepingCapacity: true)
        let means = CounterMeans(of: activities)
        var busy = 0.0
        for activity in activities {
            features.append(PowerFeatures(activity, seconds: seconds, means: means))
            ids.append(activity.id)
            busy += Double(activity.cpuNanoseconds) / 1e9 / seconds
        }
        guard isMeasured else { return }
        let outcome = model.learn(
            power: power.value, still: still.value, isKnown: isKnown, ids: ids, features: features, seconds: seconds,
            busy: busy)
        selection.judge(
            observed: outcome.observed, expected: outcome.expected, busy: outcome.busy, seconds: seconds)
    }

    /// Fills `weights` by the method in force, and says which that is.
    private mutating func weigh(_ activities: [WorkloadActivity], isMeasured: Bool) {
        weights.removeAll(keepingCapacity: true)
        switch method {
        case .automatic where isMeasured && selection.modelShare > 0:
            weighByModel(activities, share: selection.modelShare)
            diagnosis = describe("model", "it predicts the meter better than CPU time does", selection.modelShare)
        case .automatic where needsCounters && !features.contains { $0[.cycles] > 0 }:
            diagnosis = describe("cpu-time", "the model file needs hardware counters, which are not read here", 0)
        case .automatic where hasLearnedElsewhere && (!isMeasured || selection.modelError == nil):
            weighByModel(activities, share: 1)
            diagnosis = describe("model", "learned by a machine of the same CPU", 1)
        case .automatic where !isMeasured:
            diagnosis = describe("cpu-time", "the power of this zone is not measured: nothing to learn from", 0)
        case .automatic:
            diagnosis = describe("cpu-time", "the model has not beaten it on recent windows", 0)
        case .cycles:
            let means = CounterMeans(of: activities)
            weights += activities.map { activity in
                let cpu = Double(activity.cpuNanoseconds) / 1e9
                return UInt64(min(CounterMeans.plausible(activity.cycles, in: cpu) ?? cpu * means.cycles, 1e18))
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
        weights += activities.map(\.cpuNanoseconds)
    }

    /// Weighs by the model for `share` (0 to 1) of the energy, by CPU time for the rest.
    private mutating func weighByModel(_ activities: [WorkloadActivity], share: Double) {
        // Not where the window was too odd to have features: then CPU time decides.
        guard features.count == activities.count else { return }
        var watts = 0.0
        var time = 0.0
        for (index, activity) in activities.enumerated() {
            watts += model.power(of: activity.id, features[index])
            time += Double(activity.cpuNanoseconds)
        }
        guard watts > 0, watts.isFinite, time > 0 else { return }
        let perWatt = share * Self.weightScale / watts
        let perNanosecond = (1 - share) * Self.weightScale / time
        for (index, activity) in activities.enumerated() {
            let byModel = perWatt * model.power(of: activity.id, features[index])
            let sum = byModel + perNanosecond * Double(activity.cpuNanoseconds)
            let weight = sum > 0 ? UInt64(min(sum, Self.weightScale)) : 0
            // Whoever ran gets at least the smallest weight.
            weights.append(activity.cpuNanoseconds > 0 ? max(weight, 1) : weight)
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
        _ energy: Microjoules, among activities: [WorkloadActivity], claims: [UInt64], into fixed: inout [UInt64]
    ) -> Microjoules {
        var weights: [UInt64]
        switch policy {
        case .none: weights = []
        case .cpuTime: weights = activities.map(\.cpuNanoseconds)
        case .equal, .requests: weights = Array(claims.prefix(activities.count))
        }
        weights += repeatElement(0, count: activities.count - weights.count)
        let nobodys = claims.dropFirst(activities.count).reduce(UInt64(0)) { sum, claim in
            let (total, overflows) = sum.addingReportingOverflow(claim)
            return overflows ? .max : total
        }
        weights.append(nobodys)
        let handedOut = apportion(energy, by: weights, into: &fixed)
        return handedOut - Microjoules(fixed.removeLast())
    }
}
