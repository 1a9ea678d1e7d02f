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

    private var learned: PowerModelFile?
    private var curves: [MeasuredCurve] = []
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
            let file = Self.learned(configuration.powerModelPath, cpu: cpu)
            if case .success(let model?) = file {
                source = LearnedSource(model: model)
                learned = model
                notice = "power is modelled by what a node of the same CPU measured, not measured here: \(error)"
                logger.warning("power is modelled", metadata: ["file": "\(configuration.powerModelPath ?? "")"])
                return
            }
            source = ModelSource(cpu: cpu, memoryBytes: totalMemoryBytes(procfs: paths.procfs))
            var text = "power is estimated from \(profile.basis.rawValue) (\(profile.family)), not measured: \(error)"
            if case .failure(let refusal) = file { text += "; --power.model is not used: \(refusal)" }
            notice = text
            logger.warning("power is estimated", metadata: ["family": "\(profile.family)", "reason": "\(text)"])
        }
    }

    private static func learned(
        _ path: String?, cpu: CPUModel
    ) -> Result<PowerModelFile?, PowerModelFile.Refusal> {
        guard let path else { return .success(nil) }
        do {
            return .success(try PowerModelFile.load(path, cpuModel: cpu.name))
        } catch {
            return .failure(error)
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
        if zones[zone].quality == .measured, reading.late == .zero {
            curves[zone].observe(
                power: reading.energy.power(over: window.duration), utilization: window.utilization,
                over: window.duration)
        }
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
                attribution: attribution(of: attributors[index].diagnosis),
                loadCurve: zones[index].quality == .measured ? curves[index].points.map(Self.point) : nil)
        }
    }

    private static func point(_ point: MeasuredCurve.Point) -> Snapshot.LoadPoint {
        Snapshot.LoadPoint(
            utilization: point.utilization, watts: point.watts, spreadWatts: point.spreadWatts,
            seconds: point.seconds)
    }

    /// Coefficients of the model file by feature; those of another release's features are left out.
    private func coefficients(for component: Zone.Component) -> [PowerFeatures.Feature: Double]? {
        let zone = learned?.zones.first { $0.component == component.rawValue }
        guard let known = zone?.coefficients, !known.isEmpty else { return nil }
        var result: [PowerFeatures.Feature: Double] = [:]
        for feature in PowerFeatures.Feature.allCases { result[feature] = known[feature.name] }
        return result
    }

    private func attribution(of diagnosis: AttributionDiagnosis) -> Snapshot.Attribution {
        Snapshot.Attribution(
            method: diagnosis.method, reason: diagnosis.reason, modelShare: diagnosis.modelShare,
            modelErrorWatts: diagnosis.modelErrorWatts,
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
        curves.append(MeasuredCurve())
        attributors.append(
            ZoneAttributor(
                idleShare: zone.component == .dram ? Self.memoryIdleShare : idleShare, method: method, policy: policy,
                learned: coefficients(for: zone.component)))
        return zones.count - 1
    }
}
