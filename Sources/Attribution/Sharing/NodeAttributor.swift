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
        /// What is known beforehand of the idle power of all packages together.
        package var prior: IdlePrior
        /// What the operator gave; nil where all is learned.
        package var idle: ConfiguredIdle?
        /// Coefficients from a node of the same CPU, by component.
        package var learned: [ZoneID.Component: [PowerFeatures.Feature: Double]] = [:]

        package init(prior: IdlePrior) { self.prior = prior }
    }

    /// How a zone's energy is divided at present, and what is known about its power.
    package struct ZoneState: Sendable, Equatable {
        /// Of the last window with a reading.
        package var staticPower = Watts(0)
        /// How it is known; nil where the zone is not divided, and before its first reading.
        package var staticEstimate: StaticEstimate?
        package var diagnosis = AttributionDiagnosis(ZoneAttributor.Decision.initial)
        /// Power by load; empty where the zone is not measured.
        package var curve = MeasuredCurve()
    }

    private struct Entry {
        let zone: Zone
        var component: ZoneID.Component { zone.component }
        var attributor: ZoneAttributor
        var staticPower = Watts(0)
        var curve = MeasuredCurve()
    }

    private let settings: Settings
    /// By zone index; nil for zones without a reading so far.
    private var entries: [Entry?] = []
    /// What earlier runs learned, by ``key(of:)``, until the zone appears.
    private var earlier: [String: (numbers: [Double], isSameBoot: Bool)] = [:]

    /// Memory idles at half of its full power: bare-metal RAPL, see docs/model.md. So do fans, disks and power supplies.
    private static let otherIdleShare = 0.5

    package init(_ settings: Settings) { self.settings = settings }

    /// The state of the zone of this index.
    package func state(ofZone index: Int) -> ZoneState {
        guard index < entries.count, let entry = entries[index] else { return ZoneState() }
        return ZoneState(
            staticPower: entry.staticPower, staticEstimate: entry.attributor.staticEstimate,
            diagnosis: entry.attributor.diagnosis, curve: entry.curve)
    }

    /// Begins a window: learns which zones there are, and hands a configured idle power out to them.
    ///
    /// - Parameter readings: of the whole window.
    package mutating func prepare(_ readings: [(index: Int, reading: ZoneReading)]) {
        for (index, reading) in readings {
            while entries.count <= index { entries.append(nil) }
            if case nil = entries[index] { entries[index] = newEntry(reading.zone) }
        }
        // Before anything is learned, they share by what they draw.
        let divided = readings.filter { entries[$0.index]?.attributor.basis != AttributionBasis.none }
        let knowsAll = divided.allSatisfy { entries[$0.index]?.attributor.learned != nil }
        func part(_ index: Int, _ reading: ZoneReading) -> Double {
            (knowsAll ? entries[index]?.attributor.learned?.value : nil) ?? Double(reading.energy.count)
        }
        let sum = divided.reduce(0) { $0 + part($1.index, $1.reading) }
        for (index, reading) in divided {
            let component = reading.zone.component
            let alike = entries.count { $0?.component == component }
            entries[index]?.attributor.zonesAlike = alike
            guard let idle = settings.idle, sum > 0 else { continue }
            let configured = idle.watts(of: component, zonesAlike: alike, share: part(index, reading) / sum)
            entries[index]?.attributor.configured = configured
        }
    }

    /// What was learned of the idle power of each zone and source, to be kept.
    package var learnedIdle: [String: [Double]] {
        var all = earlier.mapValues(\.numbers)
        for case let entry? in entries {
            if let saved = entry.attributor.staticLearner.saved { all[Self.key(of: entry.zone)] = saved }
        }
        return all
    }

    /// Takes up what an earlier run on this machine gave as ``learnedIdle``, before the first window. What cannot be
    /// such a thing is ignored.
    package mutating func restore(idle: [String: [Double]], isSameBoot: Bool) {
        for (key, numbers) in idle.prefix(Self.mostZones) { earlier[key] = (numbers, isSameBoot) }
    }

    /// More than any machine has.
    private static let mostZones = 256

    /// Another meter may be off by a factor of its own.
    private static func key(of zone: Zone) -> String { "\(zone.source) \(zone.name)" }

    private mutating func newEntry(_ zone: Zone) -> Entry {
        var entry = Entry(zone: zone, attributor: attributor(for: zone.component))
        if let (numbers, isSameBoot) = earlier.removeValue(forKey: Self.key(of: zone)) {
            entry.attributor.staticLearner.restore(numbers, isSameBoot: isSameBoot)
        }
        return entry
    }

    /// Divides a reading; see ``ZoneAttributor/attribute(_:window:into:staticShares:)``.
    ///
    /// - Parameter index: of the zone; the same in every window.
    package mutating func attribute(
        _ reading: ZoneReading, zone index: Int, window: UsageWindow, into shares: inout [UInt64],
        staticShares: inout [UInt64]
    ) -> ZoneAttributor.Split {
        while entries.count <= index { entries.append(nil) }
        var entry = entries[index] ?? newEntry(reading.zone)
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
            prior: component == .package ? settings.prior : IdlePrior(share: Self.otherIdleShare),
            isMemory: component == .dram,
            basis: settings.bases[component] ?? .usual(for: component), method: settings.method,
            policy: settings.policy,
            learned: settings.learned[component])
    }
}
