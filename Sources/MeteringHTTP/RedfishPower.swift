/// A place within a document that has the power of all of its chassis, in the order of preference.
package enum RedfishPlace: Int, Sendable, CaseIterable {
    /// `PowerWatts` of EnvironmentMetrics.
    case metrics
    /// `PowerControl` of Power.
    case controls
    /// `PowerConsumedWatts` at the top: iLO 4.
    case top
    /// `Oem`.
    case vendor
    /// The sum of `PowerSupplies`.
    case supplies
    /// `Reading` of a Sensor.
    case sensor
}

/// Power in the documents of a Redfish service.
///
/// DMTF DSP2046, schemas EnvironmentMetrics, Power, Sensor and PowerSupplyMetrics. Layouts of vendors: iRMC of Fujitsu
/// (`ts_fujitsu`), BMCs of Inspur (`Public.TotalPower`), iBMC of Huawei (power supplies), iLO 4 of HP (at the top).
package enum RedfishPower {
    /// No node draws more, W. What is above is a mark for "unknown" (65535) or another unit.
    package static let highest = 20_000.0
    /// No node draws less, W: zero is what a controller answers that has no reading yet.
    private static let lowest = 0.1

    /// The power that a document reports for all of its chassis, W; nil where it reports none.
    package static func watts(in bytes: [UInt8]) -> Double? {
        LooseJSON(bytes).flatMap { reading(in: $0) }?.watts
    }

    /// The power that a document reports for all of its chassis, W, and where; nil where it reports none.
    ///
    /// - Parameters:
    ///   - owner: whose document it is; nil where links need not be looked at.
    ///   - last: the place where it was found before. Those after it are of other things, or less exact: where it has
    ///     no reading at the moment, they are no substitute.
    static func reading(
        in document: LooseJSON, of owner: RedfishOwner? = nil, upTo last: RedfishPlace = .sensor
    ) -> (watts: Double, place: RedfishPlace)? {
        for place in RedfishPlace.allCases where place.rawValue <= last.rawValue {
            if let watts = watts(in: document, of: owner, at: place) { return (watts, place) }
        }
        return nil
    }

    private static func watts(in document: LooseJSON, of owner: RedfishOwner?, at place: RedfishPlace) -> Double? {
        switch place {
        case .metrics: metrics(document)
        case .controls: RedfishControls(document, owner: owner).watts()
        case .top: plausible(document["PowerConsumedWatts"])
        case .vendor: vendor(document["Oem"])
        case .supplies: RedfishSupplies.watts(document)
        case .sensor: sensor(document)
        }
    }

    /// The sensor that EnvironmentMetrics names for its power, where it repeats no reading of it.
    static func sensorLink(in document: LooseJSON) -> String? {
        let power = document["PowerWatts"]?.single
        return power?["DataSourceUri"]?.link ?? power?["@odata.id"]?.text
    }

    static func plausible(_ value: LooseJSON?) -> Double? {
        value?.amount.flatMap { $0 >= lowest && $0 <= highest ? $0 : nil }
    }

    private static func metrics(_ document: LooseJSON) -> Double? {
        guard let power = document["PowerWatts"], isOfTheWhole(power.single ?? .null) else { return nil }
        return plausible(power)
    }

    private static func vendor(_ oem: LooseJSON?) -> Double? {
        guard let oem else { return nil }
        let fujitsu = oem["ts_fujitsu"] ?? oem["Fujitsu"]
        return plausible(fujitsu?["ChassisPowerConsumption"]?["CurrentPowerConsumptionW"])
            ?? plausible(oem["Public"]?["TotalPower"])
    }

    private static func sensor(_ document: LooseJSON) -> Double? {
        let type = document["ReadingType"]?.text?.lowercased()
        guard type == "power" || type == nil && document["ReadingUnits"]?.text != nil, isOfTheWhole(document) else {
            return nil
        }
        return plausible(document)
    }

    /// Of a sensor, or what is repeated of one.
    private static func isOfTheWhole(_ sensor: LooseJSON) -> Bool {
        let scope = PowerScope(name: sensor["Name"]?.text, context: sensor["PhysicalContext"]?.text)
        return scope != .part && RedfishState(sensor).isInUse
    }

    /// True for a sensor of the whole chassis, by the last part of its path: `total_power`, `SystemBoardPwrConsumption`.
    static func isTotal(sensor path: String) -> Bool {
        guard let name = path.split(separator: "/").last.map(String.init) else { return false }
        let isPower = ["power", "pwr", "watts"].contains { name.lowercased().containsText($0) }
        return isPower && PowerScope(name: name, context: nil) == .whole
    }
}
