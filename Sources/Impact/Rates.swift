package import Units

/// The rates by which one tick's energy becomes emissions. A value of the tick: the next one may have other rates, and
/// what was counted under these stays.
package struct Rates: Sendable, Equatable {
    /// gCO2e per kWh at the wall.
    package var gramsPerKilowattHour: Double
    /// Power usage effectiveness: energy of the building per energy of its machines, at least 1.
    package var pue: Double

    /// Where the intensity comes from, in words.
    package var source: String
    /// What kind of figure it is.
    package var kind: FactorKind

    package init(gramsPerKilowattHour: Double, pue: Double, source: String = "", kind: FactorKind = .configured) {
        self.gramsPerKilowattHour = gramsPerKilowattHour
        self.pue = pue
        self.source = source
        self.kind = kind
    }

    /// The emissions that `energy` caused: kWh x intensity x PUE.
    package func emissions(of energy: Microjoules) -> Grams {
        Grams(energy.joules / 3.6e6 * gramsPerKilowattHour * pue)
    }
}

/// The source of the rates at any moment.
package protocol RateSource: Sendable {
    /// The rates at a moment in Unix time, s. Must return at once.
    func rates(at unixTime: Double) -> Rates
}
