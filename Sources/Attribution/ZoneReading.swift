package import Units

/// The energy of one zone over one window, as a power source reports it.
package struct ZoneReading: Sendable, Equatable {
    package var zone: Zone
    /// Energy of the window itself.
    package var energy: Microjoules
    /// Energy of an earlier time in which the zone could not be read: real, but nobody's share of it is known.
    package var late: Microjoules
    /// The static power, where the source knows it; otherwise it is learned.
    package var staticPower: Watts?
    /// The band that the zone's true power lies in nine times out of ten, where the power is not measured.
    package var band: ClosedRange<Watts>?

    package init(
        zone: Zone, energy: Microjoules, late: Microjoules = .zero, staticPower: Watts? = nil,
        band: ClosedRange<Watts>? = nil
    ) {
        self.zone = zone
        self.energy = energy
        self.late = late
        self.staticPower = staticPower
        self.band = band
    }
}
