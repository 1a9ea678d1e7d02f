package import Units

/// What one tick's energy is turned into emissions with. A value of the tick: the next one may have other rates, and
/// what was counted under these stays.
package struct Rates: Sendable, Equatable {
    /// gCO2e per kWh at the wall.
    package var gramsPerKilowattHour: Double
    /// Power usage effectiveness: energy of the building per energy of its machines, at least 1.
    package var pue: Double

    package init(gramsPerKilowattHour: Double, pue: Double) {
        self.gramsPerKilowattHour = gramsPerKilowattHour
        self.pue = pue
    }

    package init(_ model: CarbonModel) {
        self.init(gramsPerKilowattHour: model.intensity.gramsPerKilowattHour, pue: model.pue)
    }

    /// The emissions that `energy` caused: kWh x intensity x PUE.
    package func emissions(of energy: Microjoules) -> Grams {
        Grams(energy.joules / 3.6e6 * gramsPerKilowattHour * pue)
    }
}
