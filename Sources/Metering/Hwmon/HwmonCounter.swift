internal import Attribution
internal import Linux
internal import Units

/// An energy counter of a sensor chip.
struct HwmonCounter: Sendable {
    let rank: Int
    var counting: CountingMeter
    private let path: String
    /// False where a better sensor of the zone is there: then it is no fault of the source that this one fails.
    private let isBest: Bool
    /// Time without a reading in which another sensor of the zone had one, s.
    private var bridged = 0.0

    init(_ sensor: HwmonSensor, isBest: Bool, design: Watts?) {
        (rank, path, self.isBest) = (sensor.rank, sensor.path, isBest)
        counting = CountingMeter(
            zone: Zone(sensor.zone, source: "hwmon", quality: .measured), range: nil,
            highestPower: PowerLimit.highest(sensor.zone.component, constraints: [], design: design))
    }

    mutating func sample(at now: Seconds, health: inout SourceHealth) {
        noting(&health) { meter, health in
            do throws(HostError) {
                meter.counting.take(try readNumber(meter.path), at: now, of: meter.path, health: &health)
            } catch {
                meter.counting.miss(HwmonSource.explain(error).description, health: &health)
            }
        }
    }

    /// Like ``CountingMeter/report(_:at:health:)``, without what another sensor gave meanwhile.
    mutating func report(_ activity: NodeUsage, at now: Seconds, health: inout SourceHealth) -> ZoneReading? {
        var reading: ZoneReading?
        noting(&health) { meter, health in reading = meter.counting.report(activity, at: now, health: &health) }
        guard var reading else { return nil }
        defer { bridged = 0 }
        guard bridged > 0, reading.gapEnergy > .zero else { return reading }
        let window = activity.duration.value
        // The window has its share of all the time since the last reading.
        let gap = window * Double(reading.gapEnergy.count) / Double(max(reading.energy.count, 1))
        let share = gap > 0 ? max(0, 1 - bridged / gap) : 0
        reading.gapEnergy = Microjoules(UInt64(Double(reading.gapEnergy.count) * share))
        return reading
    }

    /// Notes a window in which another sensor of the zone had a reading and this one had none.
    mutating func bridge(_ window: Seconds) { bridged += window.value }

    private mutating func noting(_ health: inout SourceHealth, _ body: (inout HwmonCounter, inout SourceHealth) -> Void)
    {
        guard !isBest else { return body(&self, &health) }
        var ignored = SourceHealth()
        body(&self, &ignored)
    }
}
