internal import Attribution
internal import Units

/// The energy counter of one zone, read around the moment at which the CPU counters are.
struct CountingMeter: Sendable {
    let zone: Zone
    private var counter: EnergyCounter
    /// The counter's total at the readings of this window.
    private var readings: [Microjoules] = []
    /// Total and time of the last report; nil until there is a base.
    private var reported: (total: Microjoules, time: Seconds)?
    private var standstill = Standstill()
    /// In this window: two samples that fail are one error.
    private var hasFailed = false
    /// Where the counter is, for messages.
    private var place = ""

    /// - Parameters:
    ///   - range: highest value of the counter, uJ; nil where it is unknown.
    ///   - highestPower: see ``PowerLimit``.
    init(zone: Zone, range: UInt64?, highestPower: Watts = PowerLimit.anything) {
        self.zone = zone
        counter = EnergyCounter(range: range, highestPower: highestPower)
    }

    /// Why the figure is unknown while the counter does not advance; nil while it moves. Whatever is switched on draws
    /// something, so it is not zero.
    var stillness: String? { standstill.isProven ? standstill.finding(place) : nil }

    /// Takes in a reading of `path`.
    mutating func take(_ value: UInt64, at now: Seconds, of path: String, health: inout SourceHealth) {
        place = path
        let before = (refused: counter.refused, lost: counter.lost)
        let event = counter.advance(to: value, at: now)
        switch event {
        case .advance, .jump, .held: break
        case .base where reported == nil: break
        case .base: health.count("gap")
        case .wrap, .reset, .backwards: health.count(event.rawValue)
        case .implausible:
            health.count(event.rawValue)
            health.fail("\(path): implausible value \(value) uJ, not counted")
        }
        health.lose(
            zone.id, refused: counter.refused - before.refused, lost: counter.lost - before.lost, at: now)
        guard event.isSettled else { return }
        health.succeed(at: now)
        readings.append(counter.total)
    }

    /// Notes that there is no reading.
    mutating func miss(_ reason: String, health: inout SourceHealth) {
        if !hasFailed { health.fail(reason) }
        hasFailed = true
    }

    /// The energy since the last report; nil where there is no reading, no base, or where the counter does not advance.
    mutating func report(_ activity: NodeUsage, at now: Seconds, health: inout SourceHealth) -> ZoneReading? {
        hasFailed = false
        guard !readings.isEmpty else { return nil }
        // Before and after the CPU counters were read: the middle is the moment they describe.
        // Only the last two: a tick that failed in between left its own.
        let last = readings.suffix(2)
        let total = Microjoules(last.reduce(UInt64(0)) { $0 + $1.count } / UInt64(last.count))
        readings.removeAll(keepingCapacity: true)
        guard let reported, total >= reported.total else {
            self.reported = (total, now)
            return nil
        }
        let wasStill = standstill.isProven
        standstill.observe(hasMoved: total > reported.total, activity)
        if let stillness {
            if !wasStill {
                health.count("still")
                health.fail(stillness)
            }
            return nil
        }
        self.reported = (total, now)
        let energy = total - reported.total
        // Gives the window its part of energy that was counted over a longer time.
        let covered = now.value - reported.time.value
        let window = activity.duration.value
        var current = energy
        if covered > window * 1.5, window > 0 {
            current = min(energy, Microjoules(UInt64(Double(energy.count) * window / covered)))
        }
        return ZoneReading(zone: zone, energy: current, gapEnergy: energy - current)
    }
}

/// The zones among `meters` whose counter does not advance; see ``PowerSource/stillZones``.
func stillness(of meters: some Sequence<CountingMeter>) -> [ZoneID: String] {
    meters.reduce(into: [:]) { result, meter in
        if let stillness = meter.stillness { result[meter.zone.id] = stillness }
    }
}
