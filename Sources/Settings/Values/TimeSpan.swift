/// A length of time as people write it: `1s`, `500ms`, `10m`, `2h`, `7d`, or plain seconds.
package struct TimeSpan: Equatable, Sendable, CustomStringConvertible {
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// Rounded to whole milliseconds; nil for what is not a time, negative, or longer than 30 years.
    package init?(text: String) {
        let units: [(name: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        let unit = units.first { text.hasSuffix($0.name) } ?? ("", 1)
        guard let number = Double(text.dropLast(unit.name.count)), number >= 0, number * unit.seconds < 1e9 else {
            return nil
        }
        duration = .milliseconds(Int64((number * unit.seconds * 1000).rounded()))
    }

    /// In the largest unit that divides it.
    package var description: String {
        let milliseconds = Int64(duration / .milliseconds(1))
        for (unit, length) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where milliseconds >= length && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}
