internal import Terminal

/// Quantities of any size as people read them: three significant digits and a unit with its prefix.
enum Quantity {
    static func joules(_ value: Double?) -> String { scaled(value, "J", ["k", "M", "G"]) }
    static func watts(_ value: Double?) -> String { scaled(value, "W", ["k", "M"]) }
    static func seconds(_ value: Double?) -> String { scaled(value, "s", []) }
    static func grams(_ value: Double?) -> String { scaled(value, "gCO2e", ["k"]) }

    static func money(_ value: Double, _ currency: String?) -> String {
        var digits = 2
        while digits < 12, value != 0, abs(value) * power(digits) < 100, !isWhole(value * power(digits)) { digits += 1 }
        return Format.fixed(value, digits: digits) + (currency.map { " " + $0 } ?? "")
    }

    static func percent(_ share: Double) -> String {
        let value = share * 100
        return Format.fixed(value, digits: abs(value) < 9.95 ? 1 : 0) + " %"
    }

    /// - Parameter large: prefixes for a thousand, a million and so on.
    private static func scaled(_ value: Double?, _ unit: String, _ large: [String]) -> String {
        guard var value, value.isFinite else { return Format.unknown }
        guard value != 0 else { return "0 \(unit)" }
        var prefix = ""
        for name in large where abs(value) >= 999.5 { (value, prefix) = (value / 1000, name) }
        if prefix.isEmpty {
            for name in ["m", "u"] where abs(value) < 0.09995 { (value, prefix) = (value * 1000, name) }
        }
        let digits = abs(value) < 0.9995 ? 3 : abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
        return "\(Format.fixed(value, digits: digits)) \(prefix)\(unit)"
    }

    private static func isWhole(_ value: Double) -> Bool { abs(value - value.rounded()) < 1e-9 * abs(value) }

    private static func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { value, _ in value * 10 } }
}
