package import Attribution
package import Units

/// A zone with what was measured of it since the start.
package struct MeteredZone: Sendable, Equatable {
    /// As of its last reading: another source may have taken over since the first.
    package var zone: Zone
    /// Cumulative; never falls.
    package var energy = Microjoules.zero
    /// Mean power of the last window; nil where the window had no reading.
    package var power: Watts?
    /// The band that contains the true power nine times out of ten; nil where the power is measured, or unknown.
    package var band: ClosedRange<Watts>?

    /// True where the last window had a reading.
    package var isUp: Bool { power != nil }

    /// Takes in the reading of a window of `duration`.
    mutating func add(_ reading: ZoneReading, over duration: Seconds) {
        zone = reading.zone
        energy = energy + reading.total
        power = reading.energy.power(over: duration)
        band = reading.band
    }

    /// Begins a window: nothing is known about it yet.
    mutating func beginWindow() {
        power = nil
        band = nil
    }
}
