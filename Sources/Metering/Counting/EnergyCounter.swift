package import Units

/// Turns one hardware energy counter, which wraps, may be reset and is sometimes wrong, into a total that only grows.
package struct EnergyCounter: Sendable {
    /// What a reading meant.
    package enum Event: String, Sendable {
        /// The first reading, or the first after so long that the counter may have wrapped more than once.
        case base
        case advance
        case wrap
        /// The counter fell by too little for a wrap: the driver was reloaded or the machine slept. No energy.
        case reset
        /// More than any machine draws, or beyond the counter's range. No energy.
        case implausible
    }

    /// Highest value of the counter, uJ; nil where it is unknown: then every fall is a reset.
    private let range: UInt64?
    private var last: (value: UInt64, time: Seconds)?
    /// Energy since the first reading.
    package private(set) var total = Microjoules.zero

    /// No zone draws more: a fully equipped eight-socket server stays below.
    private static let highestPower = Watts(10_000)
    /// Counters step about every millisecond, so two readings close together may seem to hide a lot of power.
    private static let granularity = 0.02
    /// What a zone may draw for long: the largest processors' limit. After the time in which half the range passes at
    /// this power (262 s at Intel's unit, 65 s at a quarter of it), a wrap and a reset look the same.
    private static let highestMeanPower = Watts(500)
    /// Where the range is not known.
    private static let longestGap = 120.0

    package init(range: UInt64?) {
        self.range = range.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Takes in a reading.
    package mutating func advance(to value: UInt64, at now: Seconds) -> Event {
        if let range, value > range {
            last = nil
            return .implausible
        }
        defer { last = (value, now) }
        let longest = range.map { Double($0) / 2e6 / Self.highestMeanPower.value } ?? Self.longestGap
        guard let last, now.value - last.time.value <= longest else { return .base }
        let step: UInt64
        var event = Event.advance
        if value >= last.value {
            step = value - last.value
        } else if let range, last.value - value > range / 2 {
            step = range - last.value + value
            event = .wrap
        } else {
            return .reset
        }
        let elapsed = max(0, now.value - last.time.value) + Self.granularity
        guard Double(step) / 1e6 <= Self.highestPower.value * elapsed else { return .implausible }
        total = total + Microjoules(step)
        return event
    }
}
