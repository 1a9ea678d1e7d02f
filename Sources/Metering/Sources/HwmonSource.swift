package import Attribution
package import Linux
package import Units

/// Sensor chips: energy counters are read in the tick, power sensors on threads of their own, because an ACPI meter may be
/// slow.
///
/// Only sensors of which it is known what they measure are used; see ``findHwmonSensors(sysfs:)``. Where several measure
/// one zone, each window has the reading of the best that has one.
package struct HwmonSource: PowerSource {
    package let name = "hwmon"
    package let interval: Seconds
    package let zones: [Zone]
    private var counters: [HwmonCounter]
    private var powers: [PolledSource]
    /// The rank of the best power sensor of each zone.
    private let gaugeRanks: [ZoneID: Int]
    private var counterHealth = SourceHealth()
    /// Zones that the last window had a reading of.
    private var read: Set<ZoneID> = []

    package init(paths: HostPaths, polling: any Polling = ThreadPolling()) throws(Diagnosis) {
        let root = paths.sysfs + "/class/hwmon"
        let sensors: HwmonSensors
        do {
            sensors = try findHwmonSensors(sysfs: paths.sysfs)
        } catch {
            throw Diagnosis(.missing, "\(root): no sensor chip", remedy: Machine(paths).sensorRemedy)
        }
        guard !sensors.known.isEmpty else {
            let others = sensors.skipped.map { "; found, and not used: \($0)" } ?? ""
            throw Diagnosis(
                .missing, "\(root): no sensor that is known to measure the node or its processors\(others)",
                remedy: Machine(paths).sensorRemedy)
        }
        try Self.checkAccess(sensors.known)
        counterHealth.remarks = sensors.remarks
        let best = Set(sensors.used.map(\.path))
        let design = designPower(of: paths)
        counters = sensors.known.filter { $0.quantity == .energy }.map { sensor in
            HwmonCounter(sensor, isBest: best.contains(sensor.path), design: design)
        }
        let gauges = Dictionary(grouping: sensors.known.filter { $0.quantity != .energy }, by: \.zone)
        gaugeRanks = gauges.compactMapValues { $0.map(\.rank).min() }
        // A zone with a slow sensor does not slow down the others.
        powers = Dictionary(grouping: gauges.map { HwmonGauges($0, $1) }, by: \.interval).sorted { $0.key < $1.key }.map
        {
            PolledSource.hwmon($1.sorted { $0.zone < $1.zone }, every: Seconds($0), by: polling)
        }
        interval = powers.last?.interval ?? Seconds(0)
        var zones: [Zone] = []
        for zone in counters.map(\.counting.zone) + powers.flatMap(\.zones)
        where !zones.contains(where: { $0.id == zone.id }) {
            zones.append(zone)
        }
        self.zones = zones
    }

    package var health: SourceHealth {
        powers.reduce(into: counterHealth) { health, source in
            health.merge(source.health)
            health.remarks += source.health.remarks
        }
    }

    /// Those that no other sensor replaces.
    package var stillZones: [ZoneID: String] {
        stillness(of: counters.lazy.map(\.counting)).filter { !read.contains($0.key) }
    }

    package mutating func sample(at now: Seconds) {
        for index in powers.indices { powers[index].sample(at: now) }
        for index in counters.indices { counters[index].sample(at: now, health: &counterHealth) }
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        var found: [(rank: Int, reading: ZoneReading)] = []
        for index in powers.indices {
            found += powers[index].collect(activity, at: now).map { (gaugeRanks[$0.zone.id] ?? 0, $0) }
        }
        var silent: [Int] = []
        for index in counters.indices {
            if let reading = counters[index].report(activity, at: now, health: &counterHealth) {
                found.append((counters[index].rank, reading))
            } else {
                silent.append(index)
            }
        }
        let best = Dictionary(found.map { ($0.reading.zone.id, $0) }) { $0.rank <= $1.rank ? $0 : $1 }
        for index in silent where best[counters[index].counting.zone.id] != nil {
            counters[index].bridge(activity.duration)
        }
        read = Set(best.keys)
        return best.values.map(\.reading).sorted { $0.zone.id < $1.zone.id }
    }

    /// Reading may be slow; opening a file is not.
    private static func checkAccess(_ sensors: [HwmonSensor]) throws(Diagnosis) {
        var refusal: HostError?
        for path in sensors.flatMap({ [$0.path] + ($0.fallback.map { [$0] } ?? []) }) {
            do {
                return try checkReadable(path)
            } catch {
                refusal = refusal ?? error
            }
        }
        if let refusal { throw explain(refusal) }
    }

    static func explain(_ error: HostError) -> Diagnosis {
        Diagnosis(error, permission: "run as root or with CAP_DAC_READ_SEARCH")
    }
}
