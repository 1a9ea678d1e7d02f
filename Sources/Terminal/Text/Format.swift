/// Numbers as people read them. Whatever is unknown (nil, not finite) is a dash, never a zero.
package enum Format {
    package static let unknown = "-"

    /// `value` with `digits` decimals, rounded half away from zero.
    package static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return unknown }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        // Beyond 2^53 the decimals mean nothing, and beyond 2^63 the conversion would trap.
        guard scaled < 9e15 else { return "\(value)" }
        let whole = UInt64(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let unit = UInt64(scale)
        let fraction = String(whole % unit)
        return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// About four significant digits without a unit: `0` only for nothing at all, `0.034`, `41.20`, `812.3`, `1240`.
    package static func quantity(_ value: Double?) -> String {
        guard let value else { return unknown }
        return switch abs(value) {
        case 0: "0"
        case ..<9.9995: fixed(value, digits: 3)
        case ..<99.995: fixed(value, digits: 2)
        case ..<999.95: fixed(value, digits: 1)
        default: fixed(value, digits: 0)
        }
    }

    /// Two significant digits, for what is estimated and does not deserve more: `0.034`, `1.4`, `41`, `1200`.
    package static func estimate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return unknown }
        switch abs(value) {
        case 0: return "0"
        case ..<0.0995: return fixed(value, digits: 3)
        case ..<0.995: return fixed(value, digits: 2)
        case ..<9.95: return fixed(value, digits: 1)
        default: break
        }
        var unit = 1.0
        while abs(value) / unit >= 99.5 { unit *= 10 }
        return fixed((value / unit).rounded() * unit, digits: 0)
    }

    /// With one decimal.
    package static func percent(_ value: Double?) -> String {
        value.map { fixed($0, digits: 1) } ?? unknown
    }

    /// Energy with its unit, in thousands: `812 J`, `1.24 kJ`, `41.2 MJ`.
    package static func joules(_ value: Double?) -> String {
        guard var value, value.isFinite else { return unknown }
        for unit in ["J", "kJ", "MJ", "GJ"] {
            if abs(value) < 999.5 {
                return "\(significant(value)) \(unit)"
            }
            value /= 1000
        }
        return "\(fixed(value, digits: 0)) TJ"
    }

    /// Power with its unit, or a dash.
    package static func watts(_ value: Double?, isEstimate: Bool = false) -> String {
        guard let value, value.isFinite else { return unknown }
        return "\(isEstimate ? estimate(value) : quantity(value)) W"
    }

    /// Digits before and after the decimal point that a column of numbers has room for.
    package static let places = (whole: 4, fraction: 3)

    /// `text`, a number, with spaces around it so that decimal points stand below each other. What has no point stands
    /// before it.
    package static func aligned(_ text: String, whole: Int = places.whole, fraction: Int = places.fraction) -> String {
        let point = text.firstIndex(of: ".") ?? text.endIndex
        let before = text[..<point].count
        let after = text[point...].count
        let width = whole + (fraction > 0 ? fraction + 1 : 0)
        let line = String(repeating: " ", count: max(0, whole - before)) + text
        // Numbers with more digits than places take the room of the decimals.
        return line + String(repeating: " ", count: max(0, min(width - line.count, fraction + 1 - after)))
    }

    /// Energy in Wh, about four significant digits.
    package static func wattHours(_ joules: Double?) -> String { quantity(joules.map { $0 / 3600 }) }

    /// A time in words: `12 s`, `4 min`, `3 h`, `2 days`.
    package static func duration(_ seconds: Double) -> String {
        switch abs(seconds) {
        case ..<99.5: "\(fixed(seconds, digits: 0)) s"
        case ..<5970: "\(fixed(seconds / 60, digits: 0)) min"
        case ..<172_800: "\(fixed(seconds / 3600, digits: 0)) h"
        default: "\(fixed(seconds / 86400, digits: 0)) days"
        }
    }

    /// Three significant digits below a thousand; nothing finer than a hundredth.
    private static func significant(_ value: Double) -> String {
        switch abs(value) {
        case 0: "0"
        case ..<9.995: fixed(value, digits: 2)
        case ..<99.95: fixed(value, digits: 1)
        default: fixed(value, digits: 0)
        }
    }
}
