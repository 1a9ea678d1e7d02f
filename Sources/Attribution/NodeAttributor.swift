package import Units

/// Divides the energy of every zone of the node, window by window: one ``ZoneAttributor`` per zone.
package struct NodeAttributor: Sendable {
    /// What holds for all zones.
    package struct Settings: Sendable {
        package var method = AttributionMethod.automatic
        package var policy = StaticPolicy.none
        /// Divide the energy that only the node's own meter sees among the workloads too.
        package var attributesPlatform = false
        /// Idle power of the processors as a share of their full power, 0...1, as published.
        package var idleShare: Double
        /// Coefficients from a node of the same CPU, by component.
        package var learned: [Zone.Component: [PowerFeatures.Feature: Double]] = [:]

        package init(idleShare: Double) { self.idleShare = idleShare }
    }

    /// How a zone's energy is divided at present, and what is known about its power.
    package struct ZoneState: Sendable, Equatable {
        /// Of the last window with a reading.
        package var staticPower = Watts(0)
        package var diagnosis = AttributionDiagnosis.initial
        /// Power by load; empty where the zone is not measured.
        package var curve = MeasuredCurve()
    }

    private struct Entry {
        var attributor: ZoneAttributor
        var state = ZoneState()
    }

    private let settings: Settings
    /// By zone index; nil for zones without a reading so far.
    private var entries: [Entry?] = []

    /// Memory idles at half of its full power: bare-metal RAPL, see docs/model.md.
    private static let memoryIdleShare = 0.5

    package init(_ settings: Settings) { self.settings = settings }

    /// The state of the zone of this index.
    package func state(ofZone index: Int) -> ZoneState {
        index < entries.count ? entries[index]?.state ?? ZoneState() : ZoneState()
    }

    /// Divides a reading; see ``ZoneAttributor/attribute(_:duration:utilization:usage:staticWeights:into:staticShares:)``.
    ///
    /// The energy that only the node's own meter sees is real, but nothing tells which workloads caused it: it stays
    /// unattributed, unless the settings say otherwise.
    ///
    /// - Parameter index: of the zone; the same in every window.
    package mutating func attribute(
        _ reading: ZoneReading, zone index: Int, duration: Seconds, utilization: Double, usage: [WorkloadUsage],
        staticWeights: [UInt64] = [], into shares: inout [UInt64], staticShares: inout [UInt64]
    ) -> ZoneAttributor.Split {
        while entries.count <= index { entries.append(nil) }
        var entry = entries[index] ?? Entry(attributor: attributor(for: reading.zone.component))
        // Moved out and back, so that its buffers are not copied.
        entries[index] = nil
        defer { entries[index] = entry }
        var reading = reading
        if reading.zone.component == .platform, !settings.attributesPlatform {
            reading.gapEnergy = reading.total
            reading.energy = .zero
        }
        let split = entry.attributor.attribute(
            reading, duration: duration, utilization: utilization, usage: usage, staticWeights: staticWeights,
            into: &shares, staticShares: &staticShares)
        entry.state.staticPower = split.staticPower
        entry.state.diagnosis = entry.attributor.diagnosis
        if reading.zone.quality == .measured, reading.gapEnergy == .zero {
            entry.state.curve.observe(
                power: reading.energy.power(over: duration), utilization: utilization, over: duration)
        }
        return split
    }

    private func attributor(for component: Zone.Component) -> ZoneAttributor {
        ZoneAttributor(
            idleShare: component == .dram ? Self.memoryIdleShare : settings.idleShare,
            isMemory: component == .dram, method: settings.method, policy: settings.policy,
            learned: settings.learned[component])
    }
}
