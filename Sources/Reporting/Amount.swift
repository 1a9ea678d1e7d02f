internal import Terminal

/// Figures of reports as text.
enum Amount {
    /// Energy in Wh or kWh, with three digits that mean something.
    static func energy(_ microjoules: Int64) -> String {
        let wattHours = Double(microjoules) / 3.6e9
        return abs(wattHours) < 999.5 ? "\(short(wattHours)) Wh" : "\(short(wattHours / 1000)) kWh"
    }

    /// Mass in g or kg; a dash where it is not known.
    static func mass(_ micrograms: Int64?) -> String {
        guard let micrograms else { return Format.unknown }
        let grams = Double(micrograms) / 1e6
        return abs(grams) < 999.5 ? "\(short(grams)) g" : "\(short(grams / 1000)) kg"
    }

    /// Money without the currency; a dash where it is not known.
    static func cost(_ nanos: Int64?) -> String {
        guard let nanos else { return Format.unknown }
        let value = Double(nanos) / 1e9
        return abs(value) >= 1 ? Format.fixed(value, digits: 2) : short(value)
    }

    /// Per cent with one decimal; a dash where it is not known.
    static func percent(_ share: Double?) -> String {
        share.map { Format.fixed($0 * 100, digits: 1) + " %" } ?? Format.unknown
    }

    /// By how much `now` is above `before`; a dash where that is not known.
    static func change(_ now: Int64, _ before: Int64?) -> String {
        guard let before else { return Format.unknown }
        guard before > 0 else { return now > 0 ? "new" : Format.unknown }
        let change = (Double(now) / Double(before) - 1) * 100
        return (change > 0 ? "+" : "") + Format.fixed(change, digits: abs(change) < 10 ? 1 : 0) + " %"
    }

    /// Hours of CPU time.
    static func cpu(_ microseconds: Int64) -> String { short(Double(microseconds) / 3.6e9) + " h" }

    /// Three digits that mean something.
    static func short(_ value: Double) -> String {
        switch abs(value) {
        case 0: "0"
        case ..<0.000_999_5: Format.fixed(value, digits: 6)
        case ..<0.099_95: Format.fixed(value, digits: 4)
        case ..<0.999_5: Format.fixed(value, digits: 3)
        case ..<9.995: Format.fixed(value, digits: 2)
        case ..<99.95: Format.fixed(value, digits: 1)
        default: Format.fixed(value, digits: 0)
        }
    }
}
