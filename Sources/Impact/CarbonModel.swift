/// Rates that stay as configured.
package struct CarbonModel: RateSource {
    package let intensity: CarbonIntensity
    /// Power usage effectiveness: energy of the building per energy of its machines, at least 1.
    package let pue: Double

    /// 1 where the site is not configured: what a building adds ranges from 1.1 (Google, AWS) to 1.58 (the mean on
    /// premises), and an agent cannot see which one it runs in; so it reports the node alone.
    package static let defaultPUE = 1.0

    /// A `pue` below 1, or one that is not a number, counts as 1.
    package init(intensity: CarbonIntensity, pue: Double = CarbonModel.defaultPUE) {
        self.intensity = intensity
        self.pue = pue.isFinite ? max(pue, 1) : Self.defaultPUE
    }

    package func rates(at unixTime: Double) -> Rates {
        Rates(
            gramsPerKilowattHour: intensity.gramsPerKilowattHour, pue: pue, source: intensity.source,
            kind: intensity.kind)
    }
}
