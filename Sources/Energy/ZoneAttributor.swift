/// The energy of one zone over one window, as a power source reports it.
package struct ZoneReading: Sendable, Equatable {
    package var zone: Zone
    /// Energy of the window itself.
    package var energy: Microjoules
    /// Energy of an earlier time in which the zone could not be read: real, but nobody's share of it is known.
    package var late: Microjoules
    /// The static power, where the source knows it; otherwise it is learned.
    package var staticPower: Watts?

    package init(zone: Zone, energy: Microjoules, late: Microjoules = .zero, staticPower: Watts? = nil) {
        self.zone = zone
        self.energy = energy
        self.late = late
        self.staticPower = staticPower
    }
}

/// Splits the energy of one zone, window by window.
package struct ZoneAttributor: Sendable {
    private var staticPower: StaticPower

    /// Where the energy of one window went; with the shares it adds up to `energy + late` of the reading.
    package struct Split: Sendable, Equatable {
        /// Static energy, and all of it when nothing ran.
        package var idle: Microjoules
        package var unattributed: Microjoules
        /// The static power that was used.
        package var staticPower: Watts
    }

    /// - Parameter idleShare: see ``StaticPower/init(idleShare:)``.
    package init(idleShare: Double) {
        staticPower = StaticPower(idleShare: idleShare)
    }

    /// Divides a reading into static energy, which stays with the node, and dynamic energy, which goes to those who
    /// ran, in proportion to `weights`.
    ///
    /// - Parameters:
    ///   - duration: length of the window.
    ///   - utilization: share of the node's CPU time that was used, 0...1.
    ///   - weights: CPU time of each who ran, ns.
    ///   - shares: receives each one's dynamic energy, uJ.
    package mutating func attribute(
        _ reading: ZoneReading, duration: Seconds, utilization: Double, weights: [UInt64], into shares: inout [UInt64]
    ) -> Split {
        staticPower.observe(power: reading.energy.power(over: duration), utilization: utilization, over: duration)
        let power = reading.staticPower ?? staticPower.power ?? Watts(0)
        let fixed = min(reading.energy, power.energy(over: duration))
        let handedOut = apportion(reading.energy - fixed, by: weights, into: &shares)
        return Split(idle: reading.energy - handedOut, unattributed: reading.late, staticPower: power)
    }
}
