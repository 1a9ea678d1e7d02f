internal import Attribution
internal import Units

/// The counters of a powercap tree, followed over time.
struct ZoneCounters: Sendable {
    private struct Meter {
        let path: String
        var counting: CountingMeter
    }

    private let source: String
    /// Design power of one package; nil where it is unknown, or where the counters are another machine's.
    private let design: Watts?
    private var meters: [ZoneID: Meter] = [:]
    var health = SourceHealth()

    init(source: String, design: Watts? = nil) {
        self.source = source
        self.design = design
    }

    var zones: [Zone] { meters.values.map(\.counting.zone) }

    var stillZones: [ZoneID: String] { meters.compactMapValues(\.counting.stillness) }

    /// Takes over which zones there are.
    mutating func adopt(_ reading: PowercapReading) {
        health.remarks = reading.remarks
        let ids = Set(reading.counters.map(\.zone.id))
        for id in meters.keys where !ids.contains(id) { meters[id] = nil }
        for zone in reading.counters.map(\.zone) {
            // Another directory is another counter, whatever it measures.
            guard meters[zone.id]?.path != zone.path else { continue }
            let known = Zone(zone.id, source: source, quality: .measured)
            let limit = PowerLimit.highest(zone.id.component, constraints: zone.constraints, design: design)
            meters[zone.id] = Meter(
                path: zone.path, counting: CountingMeter(zone: known, range: zone.range, highestPower: limit))
        }
    }

    /// Takes in what the counters showed at `now`.
    mutating func take(_ reading: PowercapReading, at now: Seconds) {
        adopt(reading)
        for counter in reading.counters {
            guard var meter = meters[counter.zone.id] else { continue }
            if let energy = counter.energy {
                meter.counting.take(energy, at: now, of: meter.path + "/energy_uj", health: &health)
            } else if let problem = counter.problem {
                meter.counting.miss(problem, health: &health)
            }
            meters[counter.zone.id] = meter
        }
    }

    /// The energy of each zone since the last call; see ``PowerSource/collect(_:at:)``.
    mutating func report(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        meters.keys.sorted().compactMap { meters[$0]?.counting.report(activity, at: now, health: &health) }
    }
}
