internal import Attribution
internal import Units

/// What the node's meter shows beyond the zones inside it.
///
/// The remainder follows the highest difference seen between the two totals: a slow meter that lags behind takes
/// nothing back, and its lag is not added up either.
struct PlatformRemainder {
    /// Energy of the node's meter less that of the parts, since the remainder grew last, uJ.
    private var balance = 0.0
    /// Energy of the parts while the node's meter could not be read, uJ: its counter includes that time later on.
    private var unmetered = 0.0

    /// How long the parts may run ahead of the node's meter before it is taken to have missed something, s.
    private static let longestLag = 30.0

    /// Takes in a window without a reading of the node's meter.
    mutating func miss(parts: [ZoneReading]) {
        unmetered += Self.energy(of: parts)
    }

    private static func energy(of parts: [ZoneReading]) -> Double {
        parts.reduce(0) { $0 + Double($1.energy.count) + Double($1.gapEnergy.count) }
    }

    /// The remainder of one window.
    mutating func take(node: ZoneReading, parts: [ZoneReading], window: Seconds) -> ZoneReading {
        let inside = Self.energy(of: parts)
        balance += Double(node.energy.count) + Double(node.gapEnergy.count) - inside
        balance -= min(unmetered, Double(node.gapEnergy.count))
        unmetered = 0
        let rest = Microjoules(UInt64(min(max(balance, 0), 1e18)))
        balance -= Double(rest.count)
        // What was consumed in the window itself; the rest is of an earlier time.
        let current = min(rest, parts.reduce(node.energy) { $0 - min($0, $1.energy) })
        if window.value > 0 { balance = max(balance, -inside * Self.longestLag / window.value) }
        let isMeasured = parts.allSatisfy { $0.zone.quality == .measured }
        return ZoneReading(
            zone: Zone(
                .platform, source: node.zone.source, quality: isMeasured ? .measured : .estimated, method: .remainder),
            energy: current, gapEnergy: rest - current)
    }
}

/// Scales an estimate down to the node's meter where it exceeds it: the parts cannot draw more than the whole.
func fit(_ estimates: [ZoneReading], into node: ZoneReading) -> [ZoneReading] {
    let sum = estimates.reduce(UInt64(0)) { $0 + $1.energy.count }
    guard sum > node.energy.count, sum > 0 else { return estimates }
    return estimates.map { estimate in
        var fitted = estimate
        fitted.energy = Microjoules(scale(estimate.energy.count, by: node.energy.count, over: sum))
        let share = Double(node.energy.count) / Double(sum)
        fitted.staticPower = estimate.staticPower.map { $0 * share }
        fitted.staticBand = estimate.staticBand.map { $0.lowerBound * share...$0.upperBound * share }
        fitted.band = estimate.band.map { $0.lowerBound * share...$0.upperBound * share }
        return fitted
    }
}
