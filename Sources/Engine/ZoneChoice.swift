internal import Energy
internal import PowerSources

/// Chooses for every part of the node the one meter that is believed, so that nothing is counted twice.
///
/// Packages and memory come from the most preferred source that has them; a zone that it lost is lent by another
/// source that has a zone of the same name. Where no meter has packages, the estimate steps in. The widest meter is
/// the node: `platform` (at the inlet) before `psys`.
struct ZoneChoice {
    /// One source's readings of the window, in order of preference.
    struct Offer {
        let source: Int
        var readings: [ZoneReading]
    }

    struct Result {
        /// Packages and memory: they do not overlap.
        var parts: [ZoneReading] = []
        /// The whole node, where there is a meter of it.
        var node: ZoneReading?
        /// True where the parts are computed and not metered.
        var isEstimate = false
    }

    /// Zone names that a source has had, by source.
    private var known: [Int: Set<String>] = [:]
    private var lastRead: [Int: [String: Double]] = [:]
    /// Since a zone was last read, the time in which nobody accounted for its energy, s.
    private var missed: [String: Double] = [:]
    private var lastMetered: Double?

    /// How long to wait for a meter that fell silent before estimating in its place, s: what it counted meanwhile
    /// comes late, but as measured.
    private static let grace = 10.0
    private static let wideNames = ["platform", "psys"]

    /// - Parameters:
    ///   - expectsMeter: a source with packages is open.
    ///   - estimate: the window as the model has it.
    mutating func choose(
        _ offers: [Offer], estimate: [ZoneReading], expectsMeter: Bool, window: Seconds, at now: Seconds
    ) -> Result {
        var result = Result()
        let isMetered = offers.contains { $0.readings.contains { $0.zone.component == .package } }
        if isMetered || lastMetered == nil && expectsMeter { lastMetered = now.value }
        let patience = max(Self.grace, 2 * window.value)
        let isWaiting = expectsMeter && now.value - (lastMetered ?? -.infinity) < patience
        for component in [Zone.Component.package, .dram] {
            result.parts += parts(component, offers).map { untangle($0, window: window, at: now) }
        }
        let names = Set(result.parts.map(\.zone.name))
        if !isMetered, !isWaiting {
            let metered = Set(result.parts.map(\.zone.component))
            result.parts += estimate.filter { !metered.contains($0.zone.component) }
            result.isEstimate = metered.isEmpty
        } else {
            // What is estimated is not to be counted again when the meter is back; what nobody saw is.
            for name in missed.keys where !names.contains(name) { missed[name, default: 0] += window.value }
        }
        for name in names { missed[name] = 0 }
        for offer in offers {
            for reading in offer.readings { lastRead[offer.source, default: [:]][reading.zone.name] = now.value }
        }
        result.node =
            Self.wideNames.lazy.compactMap { name in
                offers.lazy.compactMap { $0.readings.first { $0.zone.component == .platform && $0.zone.name == name } }
                    .first
            }.first
        return result
    }

    private mutating func parts(_ component: Zone.Component, _ offers: [Offer]) -> [(ZoneReading, source: Int)] {
        var chosen: [(ZoneReading, source: Int)] = []
        var names: Set<String> = []
        for offer in offers {
            for reading in offer.readings where reading.zone.component == component {
                known[offer.source, default: []].insert(reading.zone.name)
            }
        }
        var wanted: Set<String>?
        for offer in offers {
            let readings = offer.readings.filter { $0.zone.component == component }
            guard !readings.isEmpty else { continue }
            let isFirst = wanted == nil
            if isFirst { wanted = known[offer.source] }
            // Other sources fill in what the first one has lost, and never add zones of their own.
            for reading in readings where isFirst || wanted?.contains(reading.zone.name) == true {
                if names.insert(reading.zone.name).inserted { chosen.append((reading, offer.source)) }
            }
        }
        return chosen
    }

    /// Takes from energy that comes late what was accounted for by another source meanwhile.
    private func untangle(
        _ choice: (ZoneReading, source: Int), window: Seconds, at now: Seconds
    ) -> ZoneReading {
        var (reading, source) = choice
        let name = reading.zone.name
        guard reading.late > .zero, let since = lastRead[source]?[name], let missed = missed[name] else {
            return reading
        }
        let gap = now.value - window.value - since
        let share = gap > 0 ? min(missed / gap, 1) : 1
        reading.late = min(reading.late, Microjoules(UInt64(Double(reading.late.count) * share)))
        return reading
    }
}

/// What the widest meter shows beyond the zones inside it.
///
/// The zone grows to the highest difference of the two totals that was seen: a slow meter that lags behind takes
/// nothing back, and its lag is not added up either.
struct PlatformRemainder {
    /// Energy of the wide meter less that of the parts, since the remainder grew last, uJ.
    private var balance = 0.0
    /// Energy of the parts while the wide meter could not be read, uJ: a counter tells of that time later on.
    private var meanwhile = 0.0

    /// How long the parts may run ahead of the wide meter before it is taken to have missed something, s.
    private static let longestLag = 30.0

    /// Notes a window without the wide meter.
    mutating func miss(parts: [ZoneReading]) {
        meanwhile += Self.energy(of: parts)
    }

    private static func energy(of parts: [ZoneReading]) -> Double {
        parts.reduce(0) { $0 + Double($1.energy.count) + Double($1.late.count) }
    }

    /// The remainder of one window.
    mutating func take(node: ZoneReading, parts: [ZoneReading], window: Seconds) -> ZoneReading {
        let inside = Self.energy(of: parts)
        balance += Double(node.energy.count) + Double(node.late.count) - inside
        balance -= min(meanwhile, Double(node.late.count))
        meanwhile = 0
        let rest = Microjoules(UInt64(min(max(balance, 0), 1e18)))
        balance -= Double(rest.count)
        // What is due to the window itself; the rest is of an earlier time.
        let current = parts.reduce(node.energy) { $0 - min($0, $1.energy) }
        if window.value > 0 { balance = max(balance, -inside * Self.longestLag / window.value) }
        let isMeasured = parts.allSatisfy { $0.zone.quality == .measured }
        return ZoneReading(
            zone: Zone(
                name: "platform", component: .platform, source: node.zone.source,
                quality: isMeasured ? .measured : .estimated, method: .remainder),
            energy: min(rest, current), late: rest - min(rest, current))
    }
}

/// Keeps an estimate within the node's meter: the parts cannot draw more than the whole.
func fit(_ estimates: [ZoneReading], into node: ZoneReading) -> [ZoneReading] {
    let sum = estimates.reduce(UInt64(0)) { $0 + $1.energy.count }
    guard sum > node.energy.count, sum > 0 else { return estimates }
    return estimates.map { estimate in
        var fitted = estimate
        fitted.energy = Microjoules(scale(estimate.energy.count, by: node.energy.count, over: sum))
        let share = Double(node.energy.count) / Double(sum)
        fitted.staticPower = estimate.staticPower.map { $0 * share }
        fitted.band = estimate.band.map { $0.lowerBound * share...$0.upperBound * share }
        return fitted
    }
}
