internal import Units

extension ZoneAttributor {
    /// The method in force, and why.
    struct Decision: Sendable, Equatable {
        /// `model` where the regression has a say, else the name of an ``AttributionMethod``.
        var method: String
        var reason: String
        /// How much of the energy the regression decides over, the rest being CPU time's: 0...1.
        var share = 0.0

        static let initial = Decision(method: AttributionMethod.cpuTime.rawValue, reason: "nothing has run yet")
    }

    /// Shows the window to the regression.
    mutating func learn(from reading: ZoneReading, power: Watts, staticPower: Watts, window: UsageWindow) {
        guard method == .automatic, !window.features.isEmpty, staticPower.value.isFinite else { return }
        // A window that a gap in the meter belongs to teaches nothing.
        guard reading.zone.quality == .measured, reading.gapEnergy == .zero, reading.energy > .zero else { return }
        let outcome = regression.learn(
            window, power: power.value, staticPower: staticPower.value, isKnown: reading.staticPower != nil)
        selection.judge(
            observed: outcome.observed, expected: outcome.expected, busy: outcome.busy, seconds: window.duration.value)
    }

    /// Fills `weights`, one for each active workload, by the method in force.
    mutating func weigh(_ window: UsageWindow, isMeasured: Bool) {
        weights.removeAll(keepingCapacity: true)
        decision = decide(window, isMeasured: isMeasured)
        if decision.share > 0 { weighByRegression(window, share: decision.share) }
        if method == .cycles {
            weighByCycles(window)
            let isCounted = weights.contains { $0 > 0 }
            if !isCounted { weights.removeAll(keepingCapacity: true) }
            decision = Decision(
                method: isCounted ? "cycles" : "cpu-time",
                reason: isCounted ? "configured" : "cycles are not counted here")
        }
        guard weights.isEmpty else { return }
        for index in window.active { weights.append(window.usage[index].cpuNanoseconds) }
    }

    private func decide(_ window: UsageWindow, isMeasured: Bool) -> Decision {
        func byTime(_ reason: String) -> Decision { Decision(method: "cpu-time", reason: reason) }
        guard method == .automatic else { return Decision(method: method.rawValue, reason: "configured") }
        if isMeasured, selection.modelShare > 0 {
            return Decision(
                method: "model", reason: "it predicts the meter better than CPU time", share: selection.modelShare)
        }
        if needsCounters, !(window.means.cycles > 0) {
            return byTime("the model file needs hardware counters, which are not read here")
        }
        if hasLearnedElsewhere, !isMeasured || selection.modelError == nil {
            return Decision(method: "model", reason: "learned on a node with the same CPU", share: 1)
        }
        return byTime(
            isMeasured
                ? "the regression was not better in recent windows"
                : "the power of this zone is not measured: nothing to learn from")
    }

    /// Of all weights together: fine enough for any number of workloads, and exact in a Double.
    private static let weightScale = 1e15

    /// Weighs by the regression for `share` (0 to 1) of the energy, by CPU time for the rest; leaves no weights where
    /// the window has no features or the regression expects no power.
    private mutating func weighByRegression(_ window: UsageWindow, share: Double) {
        guard !window.features.isEmpty else { return }
        let watts = regression.estimate(window)
        var time = 0.0
        for index in window.active { time += Double(window.usage[index].cpuNanoseconds) }
        guard watts > 0, watts.isFinite, time > 0 else { return }
        let perWatt = share * Self.weightScale / watts
        let perNanosecond = (1 - share) * Self.weightScale / time
        for (position, index) in window.active.enumerated() {
            let sum =
                perWatt * regression.powers[position]
                + perNanosecond * Double(window.usage[index].cpuNanoseconds)
            // A workload that ran has at least the smallest weight.
            weights.append(sum > 1 ? UInt64(min(sum, Self.weightScale)) : 1)
        }
    }

    private mutating func weighByCycles(_ window: UsageWindow) {
        for index in window.active {
            let cpu = Double(window.usage[index].cpuNanoseconds) / 1e9
            let cycles = CounterMeans.plausible(window.usage[index].cycles, in: cpu) ?? cpu * window.means.cycles
            weights.append(UInt64(min(cycles, 1e18)))
        }
    }

    /// Fills `weights`, one for each workload, by what the device reports.
    mutating func weighByDevice(_ window: UsageWindow, _ zone: ZoneID) {
        weights.removeAll(keepingCapacity: true)
        weights.append(contentsOf: (window.deviceShares[zone] ?? []).prefix(window.usage.count))
        while weights.count < window.usage.count { weights.append(0) }
        decision = Decision(method: "device", reason: "the device reports what each workload used")
    }

    /// For users.
    package var diagnosis: AttributionDiagnosis {
        var diagnosis = AttributionDiagnosis(decision)
        diagnosis.modelErrorWatts = selection.modelError
        diagnosis.cpuTimeErrorWatts = selection.cpuTimeError
        for (feature, value) in regression.coefficients where value.isFinite {
            diagnosis.coefficients[feature.name] = value
        }
        return diagnosis
    }
}

extension AttributionDiagnosis {
    init(_ decision: ZoneAttributor.Decision) {
        self.init(method: decision.method, reason: decision.reason, modelShare: decision.share)
    }
}
