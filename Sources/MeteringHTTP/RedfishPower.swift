/// Power in the documents of a Redfish service.
///
/// DMTF DSP2046, schemas EnvironmentMetrics, Power, Sensor and PowerSupplyMetrics. Layouts of vendors: iRMC of Fujitsu
/// (`ts_fujitsu`), BMCs of Inspur (`Public.TotalPower`), iBMC of Huawei (power supplies), iLO 4 of HP (at the top).
package enum RedfishPower {
    /// No node draws more, W. What is above is a mark for "unknown" (65535) or another unit.
    package static let highest = 20_000.0

    /// The power that a document tells for all of its chassis, W; nil where it tells none. Zero is none: a controller
    /// that answers with it has no reading yet.
    package static func watts(in bytes: [UInt8]) -> Double? {
        LooseJSON(bytes).flatMap(watts(in:))
    }

    static func watts(in document: LooseJSON) -> Double? {
        environment(document) ?? controls(document) ?? plausible(document["PowerConsumedWatts"])
            ?? vendor(document["Oem"]) ?? supplies(document) ?? sensor(document)
    }

    /// The sensor that EnvironmentMetrics names for its power, where it repeats no reading of it.
    static func sensorLink(in document: LooseJSON) -> String? {
        let power = document["PowerWatts"]?.single
        return power?["DataSourceUri"]?.link ?? power?["@odata.id"]?.text
    }

    /// What a power supply takes in, W, by its metrics: may be zero in standby; nil where unknown.
    package static func supplyInput(in bytes: [UInt8]) -> Double? {
        LooseJSON(bytes).flatMap { input($0["InputPowerWatts"]) }
    }

    private static func plausible(_ value: LooseJSON?) -> Double? {
        value?.amount.flatMap { $0 > 0 && $0 <= highest ? $0 : nil }
    }

    private static func environment(_ document: LooseJSON) -> Double? { plausible(document["PowerWatts"]) }

    /// Of several controls the first with a reading that is not that of a part.
    private static func controls(_ document: LooseJSON) -> Double? {
        document["PowerControl"]?.list.lazy.filter { !isPart($0) }
            .compactMap { plausible($0["PowerConsumedWatts"]) }.first
    }

    private static func isPart(_ control: LooseJSON) -> Bool {
        let contexts = ["CPU", "Memory", "GPU", "Accelerator", "Storage", "Fan", "Networking", "ASIC", "FPGA"]
        if let context = control["PhysicalContext"]?.text, contexts.contains(where: context.hasPrefix) { return true }
        let name = control["Name"]?.text?.lowercased() ?? ""
        return ["cpu", "memory", "dimm", "gpu", "sub-system", "subsystem"].contains { name.contains($0) }
    }

    private static func vendor(_ oem: LooseJSON?) -> Double? {
        guard let oem else { return nil }
        let fujitsu = oem["ts_fujitsu"] ?? oem["Fujitsu"]
        return plausible(fujitsu?["ChassisPowerConsumption"]?["CurrentPowerConsumptionW"])
            ?? plausible(oem["Public"]?["TotalPower"])
    }

    /// The sum of what the supplies take in, where each that is present tells it.
    private static func supplies(_ document: LooseJSON) -> Double? {
        var sum = 0.0
        for supply in document["PowerSupplies"]?.list ?? [] where !isAbsent(supply) {
            guard let watts = input(supply["PowerInputWatts"]) ?? input(supply["Oem"]?["Huawei"]?["PowerInputWatts"])
            else { return nil }
            sum += watts
        }
        return sum > 0 && sum <= highest ? sum : nil
    }

    /// True for a bay without a supply.
    static func isAbsent(_ supply: LooseJSON) -> Bool { supply["Status"]?.single?["State"]?.text == "Absent" }

    private static func input(_ value: LooseJSON?) -> Double? {
        value?.amount.flatMap { $0 >= 0 && $0 <= highest ? $0 : nil }
    }

    private static func sensor(_ document: LooseJSON) -> Double? {
        guard document["ReadingType"]?.text == "Power" || document["ReadingUnits"]?.text == "W" else { return nil }
        return plausible(document["Reading"])
    }
}
