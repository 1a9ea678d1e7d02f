extension HistoryPeriod {
    /// Adds what was counted and not recorded before this period, as ``HistoryWorkload/Part/unrecorded``: by the factors of
    /// this one, because those of then are not known.
    ///
    /// - Parameters:
    ///   - recorded: energy of each zone that an earlier run has recorded, uJ.
    ///   - counted: the same where this run began.
    mutating func addUnrecorded(after recorded: [String: Int64], until counted: [String: Int64]) {
        var gap = HistoryUsage(zones: zones.count)
        for (index, zone) in zones.enumerated() {
            guard let energy = counted[zone.name] else { continue }
            gap.energy[index].dynamic = energy - (recorded[zone.name] ?? 0)
        }
        guard !gap.isZero else { return }
        let sum = Double(gap.energy.reduce(0) { $0 + $1.sum })
        let micrograms = (sum / 3.6e6 * factors.gramsPerKilowattHour * factors.pue).rounded()
        gap.emissionsMicrograms = micrograms.magnitude < 9e18 ? Int64(micrograms) : nil
        usage[HistoryWorkload(.unrecorded)] = gap.priced(by: factors)
    }
}

extension HistoryUsage {
    /// With what the energy costs: kWh at the wall, what the building adds included, by the price of the time.
    func priced(by factors: HistoryFactors) -> HistoryUsage {
        var priced = self
        priced.costNanos = factors.pricePerKilowattHour.flatMap { price in
            let cost = Double(energy.reduce(0) { $0 + $1.sum }) / 3.6e12 * factors.pue * price * 1e9
            return cost.isFinite && abs(cost) < 9e18 ? Int64(cost.rounded()) : nil
        }
        return priced
    }
}
