/// `Status.State` of a resource.
struct RedfishState {
    private let state: String

    init(_ resource: LooseJSON) {
        state = resource["Status"]?.single?["State"]?.text?.lowercased() ?? ""
    }

    /// An empty bay: any reading belongs to a supply that was removed.
    var isAbsent: Bool { state == "absent" }

    /// A supply without mains: it draws nothing, and its reading is null.
    var isOff: Bool { ["absent", "disabled", "unavailableoffline"].contains(state) }

    /// False where values are left over or made up.
    var isInUse: Bool { !["absent", "disabled"].contains(state) }
}

/// Sums of what power supplies take in. A sum is one of all of them, or none.
enum RedfishSupplies {
    /// Of the supplies in a document, W; nil where one is missing or has no reading.
    static func watts(_ document: LooseJSON) -> Double? {
        let supplies = document["PowerSupplies"]?.list ?? []
        let total = document["PowerSupplies@odata.count"]?.amount ?? 0
        guard document["PowerSupplies@odata.nextLink"]?.link == nil, Double(supplies.count) >= total else { return nil }
        return sum(supplies.filter(\.isObject)) { $0["PowerInputWatts"] ?? $0["Oem"]?["Huawei"]?["PowerInputWatts"] }
    }

    /// The sum over all entries, those that are there twice counted once, W.
    static func sum(_ supplies: [LooseJSON], of value: (LooseJSON) -> LooseJSON?) -> Double? {
        var sum = 0.0
        var seen: Set<[String]> = []
        for supply in supplies where !RedfishState(supply).isAbsent {
            if let member = supply["MemberId"]?.text, let serial = supply["SerialNumber"]?.text, !serial.isEmpty,
                !seen.insert([member, serial]).inserted
            {
                continue
            }
            guard let watts = input(value(supply), of: supply) else { return nil }
            sum += watts
        }
        return sum > 0 && sum <= RedfishPower.highest ? sum : nil
    }

    /// What one supply takes in, W: may be zero in standby; nil where unknown.
    ///
    /// - Parameters:
    ///   - value: of its power.
    ///   - supply: has its state and its rating.
    static func input(_ value: LooseJSON?, of supply: LooseJSON) -> Double? {
        guard let watts = value?.amount, watts >= 0, watts <= RedfishPower.highest else {
            if let value, value.amount != nil { return nil }
            return RedfishState(supply).isOff ? 0 : nil
        }
        // iDRAC 7 shows the rated input of a supply whose power it does not know.
        let output = supply["LastPowerOutputWatts"]?.amount ?? supply["PowerOutputWatts"]?.amount
        if output == nil, let rating = rating(supply), watts > rating { return nil }
        return watts
    }

    private static func rating(_ supply: LooseJSON) -> Double? {
        let ranges = (supply["InputRanges"]?.list ?? []).compactMap { $0["OutputWattage"]?.amount }
        let rating = ranges.max() ?? supply["PowerCapacityWatts"]?.amount
        return rating.flatMap { $0 > 0 ? $0 : nil }
    }
}
