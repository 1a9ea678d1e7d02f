internal import Formatting

extension Report {
    /// As CSV (RFC 4180) with full figures: one line for each row, none for the total, so that a sum over the lines is the
    /// node. What is not known is empty.
    package var csv: String {
        var lines = [
            [
                "since", "until", "node", "dimension", "kind", "name", "energy_joules", "dynamic_joules",
                "static_joules", "share", "measured_ratio", "cpu_seconds", "emissions_grams", "restated_grams", "cost",
                "currency", "previous_energy_joules",
            ]
        ]
        for row in rows {
            let figures = row.figures
            lines.append([
                UTC.text(since), UTC.text(until), node ?? "", dimension, row.kind, row.name,
                CSV.millionths(figures.microjoules), CSV.millionths(figures.dynamicMicrojoules),
                CSV.millionths(figures.staticMicrojoules), row.share.map { "\($0)" } ?? "",
                figures.measuredShare.map { "\($0)" } ?? "", CSV.millionths(figures.cpuMicroseconds),
                figures.emissionsMicrograms.map(CSV.millionths) ?? "", row.restatedMicrograms.map(CSV.millionths) ?? "",
                figures.costNanos.map(CSV.billionths) ?? "", figures.costNanos == nil ? "" : currency ?? "",
                row.previousMicrojoules.map(CSV.millionths) ?? "",
            ])
        }
        return lines.map(CSV.line).joined()
    }

    /// As FOCUS 1.2 (FinOps Open Cost and Usage Specification): one charge for each row, energy and emissions in columns of
    /// our own. nil where no price is known: a charge without a cost is none.
    package var focus: String? {
        guard let currency else { return nil }
        let (start, end) = (UTC.text(since), UTC.text(until))
        var lines = [Self.focusColumns]
        for row in rows {
            let figures = row.figures
            guard let cost = figures.costNanos.map(CSV.billionths) else { return nil }
            let energy = CSV.fraction(figures.microjoules, of: 3_600_000_000_000)
            // The cost includes what the building adds, the quantity does not.
            let unitPrice = figures.costNanos.flatMap { cost in
                cost.magnitude < 1 << 50 ? CSV.fraction(cost * 3600, of: figures.microjoules) : nil
            }
            let isIdle = row.kind != "workload" && row.kind != "other"
            lines.append([
                cost, node ?? "", node ?? "", currency, start, end, "Usage", "",
                "Energy of \(isIdle ? "the node: \(row.name)" : row.name)", start, end, cost, cost, "energyd", cost,
                energy,
                "kWh", "energyd", "energyd", "Compute", "Energy", energy, "kWh", row.name, row.name, dimension, "", "",
                "{}", node ?? "", node ?? "", "Standard", "Usage-Based", unitPrice ?? "", unitPrice ?? "", energy,
                figures.emissionsMicrograms.map(CSV.millionths) ?? "",
                figures.measuredShare.map { "\($0)" } ?? "",
            ])
        }
        return lines.map(CSV.line).joined()
    }

    /// The mandatory columns of FOCUS 1.2, the conditional ones that apply, and ours, whose names begin with `x_`.
    private static let focusColumns = [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart",
        "BillingPeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart",
        "ChargePeriodEnd", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
        "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ConsumedQuantity",
        "ConsumedUnit",
        "ResourceId", "ResourceName", "ResourceType", "RegionId", "RegionName", "Tags", "SubAccountId",
        "SubAccountName",
        "PricingCategory", "ChargeFrequency", "ListUnitPrice", "ContractedUnitPrice", "x_EnergyKilowattHours",
        "x_EmissionsGramsLocation", "x_MeasuredRatio",
    ]
}

/// Times as files for programs have them.
enum UTC {
    /// RFC 3339 in UTC.
    static func text(_ unixTime: Int64) -> String {
        let days = unixTime >= 0 ? unixTime / 86_400 : (unixTime - 86_399) / 86_400
        let second = unixTime - days * 86_400
        // Days since 0000-03-01, in eras of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let (day, month) = (dayOfYear - (153 * index + 2) / 5 + 1, index < 10 ? index + 3 : index - 9)
        let moment = LocalCalendar.Moment(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month), day: Int(day),
            hour: Int(second / 3600), minute: Int(second / 60 % 60), second: Int(second % 60))
        return "\(moment.date)T\(moment.text.suffix(5)):\(moment.second < 10 ? "0" : "")\(moment.second)Z"
    }
}

/// Comma-separated values.
enum CSV {
    /// One line of RFC 4180. A field that a spreadsheet would take for a formula gets an apostrophe before it.
    static func line(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        var text = text.printable(keepsLines: true)
        if let first = text.first, "=@\t\r".contains(first) || ("+-".contains(first) && Double(text) == nil) {
            text = "'" + text
        }
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// A millionth of a whole number, exactly.
    static func millionths(_ value: Int64) -> String { fraction(value, digits: 6) }
    static func billionths(_ value: Int64) -> String { fraction(value, digits: 9) }

    private static func fraction(_ value: Int64, digits: Int) -> String {
        let magnitude = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - magnitude.count)) + magnitude
        return (value < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// A quotient with up to 15 digits after the point, never with an exponent, which not every reader takes; empty where
    /// it is divided by 0.
    static func fraction(_ value: Int64, of whole: Int64) -> String {
        guard whole != 0 else { return "" }
        let divisor = whole.magnitude
        let (integer, remainder) = value.magnitude.quotientAndRemainder(dividingBy: divisor)
        var (rest, digits) = (remainder, "")
        while rest > 0, digits.count < 15 {
            let (digit, next) = divisor.dividingFullWidth(rest.multipliedFullWidth(by: 10))
            digits += "\(digit)"
            rest = next
        }
        let sign = (value < 0) != (whole < 0) && value != 0 ? "-" : ""
        return sign + "\(integer)" + (digits.isEmpty ? "" : ".") + digits
    }
}
