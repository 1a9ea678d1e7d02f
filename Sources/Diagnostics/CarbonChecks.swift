internal import Impact
package import Settings

/// Where the factors for emissions come from.
package func carbonChecks(_ carbon: CarbonValues) -> [Check] {
    let model = carbon.model
    let grams = Int(model.intensity.gramsPerKilowattHour.rounded())
    let finding = "\(grams) gCO2e per kWh (\(model.intensity.source)), PUE \(model.pue)"
    guard carbon.zone == nil, carbon.intensity == nil else { return [Check("carbon", "intensity", .ok, finding)] }
    return [
        Check(
            "carbon", "intensity", .warn, finding,
            remedy: "set --carbon.zone to your country, such as DE: grids differ by a factor of twenty")
    ]
}
