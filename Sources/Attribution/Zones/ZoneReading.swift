package import Units

/// The energy of one zone over one window, as a power source reports it.
package struct ZoneReading: Sendable, Equatable {
    package var zone: Zone
    /// Energy of the window itself.
    package var energy: Microjoules
    /// Energy of an earlier gap in which the zone could not be read: consumed for certain, but by which workloads is
    /// not known.
    package var gapEnergy: Microjoules
    /// The static power, where the source knows it; otherwise it is learned.
    package var staticPower: Watts?
    /// The band that contains the true static power nine times out of ten; nil where it is not known or not in doubt.
    package var staticBand: ClosedRange<Watts>?
    /// The band that contains the true power nine times out of ten, where the power is not measured.
    package var band: ClosedRange<Watts>?

    package init(
        zone: Zone, energy: Microjoules, gapEnergy: Microjoules = .zero, staticPower: Watts? = nil,
        staticBand: ClosedRange<Watts>? = nil, band: ClosedRange<Watts>? = nil
    ) {
        self.zone = zone
        self.energy = energy
        self.gapEnergy = gapEnergy
        self.staticPower = staticPower
        self.staticBand = staticBand
        self.band = band
    }

    /// All of it: what the zone's counter grows by.
    package var total: Microjoules { energy + gapEnergy }
}
