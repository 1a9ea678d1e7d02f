internal import Energy
internal import Host
internal import Logging
internal import PowerSources
internal import Telemetry

/// The node's power: the best source there is, its zones, and what they measured since the start.
struct PowerMeter {
    private var source: any PowerSource
    private var attributors: [ZoneAttributor] = []
    private(set) var zones: [Zone] = []
    /// Cumulative by zone index.
    private(set) var energy: [Microjoules] = []
    private var power: [Watts] = []
    private var staticPower: [Watts] = []
    private var isUp: [Bool] = []
    private var bands: [ClosedRange<Watts>?] = []
    private var indices: [String: Int] = [:]
    private let idleShare: Double
    /// Why there is no better source, with the remedy; nil where there is a meter.
    let notice: String?

    /// Memory idles at half of its full power: bare-metal RAPL, see docs/model.md.
    private static let memoryIdleShare = 0.5

    private let method: AttributionMethod
    private let policy: StaticPolicy

    init(configuration: EngineConfiguration, logger: Logger) {
        let paths = configuration.paths
        method = configuration.attribution
        policy = configuration.staticPolicy
        let cpu = CPUModel(procfs: paths.procfs)
        let profile = CPUPowerProfile(for: cpu)
        idleShare = profile.idleWattsPerThread / profile.maximumWattsPerThread
        do {
            source = try RAPLSource(paths: paths)
            notice = nil
            logger.info("power is measured", metadata: ["source": "rapl"])
        } catch {
            source = ModelSource(cpu: cpu, memoryBytes: totalMemoryBytes(procfs: paths.procfs))
            notice = "power is estimated from the CPU family (\(profile.family)), not measured: \(error)"
            logger.warning("power is estimated", metadata: ["family": "\(profile.family)", "reason": "\(error)"])
        }
    }

    var zoneNames: [String] { zones.map(\.name) }

    var health: [Snapshot.SourceState] {
        let health = source.health
        return [
            Snapshot.SourceState(
                name: source.name, isUp: isUp.contains(true) || zones.isEmpty && health.errors == 0,
                errors: health.errors, lastError: health.lastError)
        ]
    }

    var events: [String: UInt64] { source.health.events }

    mutating func sample(at now: Seconds) { source.sample(at: now) }

    /// The zones' energy of the window. New zones are given the next index; the index of a zone never changes.
    mutating func collect(_ activity: NodeActivity, at now: Seconds) -> [(index: Int, reading: ZoneReading)] {
        let readings = source.collect(activity, at: now)
        for index in zones.indices {
            power[index] = Watts(0)
            isUp[index] = false
        }
        return readings.map { reading in
            let index = index(of: reading.zone)
            energy[index] = energy[index] + reading.energy + reading.late
            power[index] = reading.energy.power(over: activity.duration)
            bands[index] = reading.band
            isUp[index] = true
            return (index, reading)
        }
    }

    /// Splits the energy of one zone; see ``ZoneAttributor``.
    mutating func split(
        _ reading: ZoneReading, zone: Int, window: NodeActivity, activities: [WorkloadActivity], claims: [UInt64],
        into shares: inout [UInt64], fixed: inout [UInt64]
    ) -> ZoneAttributor.Split {
        let split = attributors[zone].attribute(
            reading, duration: window.duration, utilization: window.utilization, activities: activities,
            claims: claims, into: &shares, fixed: &fixed)
        staticPower[zone] = split.staticPower
        return split
    }

    func states() -> [Snapshot.ZoneState] {
        zones.indices.map { index in
            Snapshot.ZoneState(
                name: zones[index].name, source: zones[index].source, quality: zones[index].quality.rawValue,
                hardware: zones[index].component == .dram ? "memory" : "cpu",
                energyMicrojoules: energy[index].count, powerWatts: power[index].value,
                staticWatts: staticPower[index].value, isUp: isUp[index],
                powerLowWatts: bands[index]?.lowerBound.value, powerHighWatts: bands[index]?.upperBound.value,
                attribution: attribution(of: attributors[index].diagnosis))
        }
    }

    private func attribution(of diagnosis: AttributionDiagnosis) -> Snapshot.Attribution {
        Snapshot.Attribution(
            method: diagnosis.method, reason: diagnosis.reason, modelErrorWatts: diagnosis.modelErrorWatts,
            cpuTimeErrorWatts: diagnosis.cpuTimeErrorWatts, coefficients: diagnosis.coefficients)
    }

    var totalPower: Watts { power.reduce(Watts(0), +) }

    private mutating func index(of zone: Zone) -> Int {
        if let index = indices[zone.name] { return index }
        indices[zone.name] = zones.count
        zones.append(zone)
        energy.append(.zero)
        power.append(Watts(0))
        staticPower.append(Watts(0))
        isUp.append(false)
        bands.append(nil)
        attributors.append(
            ZoneAttributor(
                idleShare: zone.component == .dram ? Self.memoryIdleShare : idleShare, method: method, policy: policy))
        return zones.count - 1
    }
}
