package import Impact

/// What the node's electricity emits and costs.
package struct CarbonValues: Sendable, Equatable {
    /// ISO 3166-1 code of the country of the grid.
    package var zone: String?
    /// gCO2e per kWh; excludes ``zone``.
    package var intensity: Double?
    /// Power usage effectiveness of the site, at least 1.
    package var pue = CarbonModel.defaultPUE
    /// What a kWh costs; nil where that is not known.
    package var price: EnergyPrice?

    package init() {}

    /// The factors that follow; the world's mean where neither zone nor intensity is known.
    package var model: CarbonModel {
        if let intensity {
            return CarbonModel(
                intensity: CarbonIntensity(gramsPerKilowattHour: intensity, source: "configured"), pue: pue)
        }
        let world = CarbonIntensity(
            gramsPerKilowattHour: CarbonIntensity.world.gramsPerKilowattHour,
            source: CarbonIntensity.world.source + "; set --carbon.zone for yours", kind: .assumed)
        return CarbonModel(intensity: zone.flatMap(CarbonIntensity.country) ?? world, pue: pue)
    }
}
