package import Units

/// Divides the energy of every zone of the node, window by window: one ``ZoneAttributor`` per zone.
package struct NodeAttributor: Sendable {
    /// What holds for all zones.
    package struct Settings: Sendable {
        package var method = AttributionMethod.automatic
        package var policy = StaticPolicy.none
        /// What the energy of a component is divided by, where that differs from
        /// ``AttributionBasis/usual(for:)``.
        package var bases: [ZoneID.Component: AttributionBasis] = [:]
        /// Idle power of the processors as a share of their full power, 0...1, as published.
        package var idleShare: Double
        /// Coefficients from a node of the same CPU, by component.
        package var learned: [ZoneID.Component: [PowerFeatures.Feature: Double]] = [:]

        package init(idleShare: Double) { self.idleShare = idleShare }
    }

    /// How a zone's energy is divided at present, and what is known about its power.
    package struct ZoneState: Sendable, Equatable {
        /// Of the last window with a reading.
        package var staticPower = Watts(0)
        package var diagnosis = AttributionDiagnosis(ZoneAttributor.Decision.initial)
        /// Power by load; empty where the zone is not measured.
        package var curve = MeasuredCurve()
    }

    private struct Entry {
        var attributor: ZoneAttributor
        var staticPower = Watts(0)
        var curve = MeasuredCurve()
    }

    private let settings: Settings
    /// By zone index; nil for zones without a reading so far.
    private var entries: [Entry?] = []

    /// Memory idles at half of its full power: bare-metal RAPL, see docs/model.md.
    private static let memoryIdleShare = 0.5

    package init(_ settings: Settings) { self.settings = settings }

    /// The state of the zone of this index.
    package func state(ofZone index: Int) -> ZoneState {
        guard index < entries.count, let entry = entries[index] else { return ZoneState() }
        return ZoneState(
            staticPower: entry.staticPower, diagnosis: entry.attributor.diagnosis, curve: entry.curve)
    }

    /// Divides a reading; see ``ZoneAttributor/attribute(_:window:into:staticShares:)``.
    ///
    /// - Parameter index: of the zone; the same in every window.
    package mutating func attribute(
        _ reading: ZoneReading, zone index: Int, window: UsageWindow, into shares: inout [UInt64],
        staticShares: inout [UInt64]
    ) -> ZoneAttributor.Split {
        while entries.count <= index { entries.append(nil) }
        var entry = entries[index] ?? Entry(attributor: attributor(for: reading.zone.component))
        // Moved out and back: a copy would cost as much as the work itself.
        entries[index] = nil
        defer { entries[index] = entry }
        let split = entry.attributor.attribute(reading, window: window, into: &shares, staticShares: &staticShares)
        entry.staticPower = split.staticPower
        if reading.zone.quality == .measured, split.unattributed == .zero {
            entry.curve.observe(
                power: reading.energy.power(over: window.duration), utilization: window.utilization,
                over: window.duration)
        }
        return split
    }

    private func attributor(for component: ZoneID.Component) -> ZoneAttributor {
        ZoneAttributor(
            idleShare: component == .dram ? Self.memoryIdleShare : settings.idleShare,
            isMemory: component == .dram,
            basis: settings.bases[component] ?? .usual(for: component), method: settings.method,
            policy: settings.policy,
            learned: settings.learned[component])
    }
}
