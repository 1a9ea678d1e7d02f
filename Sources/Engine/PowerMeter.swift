internal import Attribution
internal import Linux
internal import Logging
internal import Metering
internal import Snapshot
internal import Units

/// The node's power: every meter there is, the zones that follow from them, and what those measured since the start.
struct PowerMeter {
    private(set) var slots: [MeterSlot]
    private var settings: MeterSettings
    private(set) var model: (any PowerSource)?
    private var choice: ZoneChoice
    private var remainder = PlatformRemainder()
    private(set) var check = CrossCheck()
    private var attributors: [ZoneAttributor] = []
    private(set) var zones: [Zone] = []
    /// Cumulative by zone index.
    private(set) var energy: [Microjoules] = []
    private(set) var power: [Watts] = []
    private var staticPower: [Watts] = []
    private(set) var isUp: [Bool] = []
    private var bands: [ClosedRange<Watts>?] = []
    private var indices: [String: Int] = [:]
    /// The source of each component's zones, as last logged.
    private(set) var inUse: [Zone.Component: String] = [:]
    /// Those that figures of the last window are from.
    private var sourcesInUse: Set<String> = []
    private(set) var nodeMeter: Zone?
    private var time = Seconds(0)
    private let idleShare: Double
    let configuration: PowerConfiguration
    private let logger: Logger

    /// Memory idles at half of its full power: bare-metal RAPL, see docs/model.md.
    private static let memoryIdleShare = 0.5

    private var curves: [MeasuredCurve] = []
    private let method: AttributionMethod
    private let policy: StaticPolicy
    /// What a node of the same CPU has learned, where that stands in for a meter.
    private let learned: PowerModelFile?
    /// What stands in for a meter, in words.
    let substitute: String
    /// Why the model file that was asked for is not used.
    let modelRefusal: String?

    init(configuration whole: EngineConfiguration, logger: Logger) {
        let (paths, configuration) = (whole.paths, whole.power)
        method = whole.attribution
        policy = whole.staticPolicy
        let cpu = CPUModel(procfs: paths.procfs)
        let profile = CPUPowerProfile(for: cpu)
        idleShare = profile.idleWattsPerThread / profile.maximumWattsPerThread
        self.configuration = configuration
        self.logger = logger
        choice = ZoneChoice { physicalPackages(sysfs: paths.sysfs).contains($0) }
        settings = MeterSettings(paths: paths)
        settings.hostTree = configuration.hostTree
        settings.redfish = configuration.redfish.map { ($0.mailbox, Seconds($0.interval)) }
        slots = configuration.sources.filter { $0 != .model }.map(MeterSlot.init)
        if configuration.sources.contains(.model) {
            model = ModelSource(cpu: cpu, memoryBytes: totalMemoryBytes(procfs: paths.procfs))
        }
        let estimate = "power is estimated from \(profile.basis.rawValue) (\(profile.family)), not measured"
        switch Self.learned(whole.powerModelPath, cpu: cpu) {
        case .success(let file?):
            modelRefusal = nil
            learned = file
            model = LearnedSource(model: file)
            substitute = "power is modelled by what a node of the same CPU measured, not measured here"
        case .success(nil):
            modelRefusal = nil
            learned = nil
            substitute = estimate
        case .failure(let refusal):
            modelRefusal = "--power.model is not used: \(refusal)"
            learned = nil
            substitute = estimate
        }
        if let modelRefusal { logger.warning("\(modelRefusal)") }
        for index in slots.indices {
            _ = slots[index].probe(settings, at: time)
            for remark in slots[index].source?.health.remarks ?? [] {
                logger.info("\(remark)", metadata: ["source": "\(slots[index].name)"])
            }
            if wasAskedFor(slots[index]), let diagnosis = slots[index].diagnosis {
                logger.warning(
                    "a power source that was asked for is missing",
                    metadata: [
                        "source": "\(slots[index].name)", "reason": "\(diagnosis)",
                    ])
            }
        }
        let open = slots.filter { $0.source != nil && $0.kind != .battery }.map(\.name)
        if open.isEmpty, model == nil {
            logger.warning("power is unknown", metadata: ["reason": "\(missing)"])
        } else if open.isEmpty {
            logger.warning("\(substitute)", metadata: ["reason": "\(missing)"])
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

    /// True once every meter has said something.
    var isSettled: Bool { slots.allSatisfy { $0.source == nil || $0.kind == .battery || $0.hasSpoken } }

    var zoneNames: [String] { zones.map(\.name) }

    var health: [Snapshot.SourceState] {
        var states = slots.filter { $0.source != nil || wasAskedFor($0) }.map { slot in
            slot.state(at: time, isInUse: sourcesInUse.contains(slot.name))
        }
        if let model, inUse[.package] == model.name || states.isEmpty {
            var state = Snapshot.SourceState(name: model.name, isUp: true, errors: 0, lastError: nil)
            state.isInUse = true
            states.append(state)
        }
        return states
    }

    var crossChecks: [Snapshot.CrossCheckState] { check.states() }

    /// The same, with what can be said after a few windows.
    var firstCrossChecks: [Snapshot.CrossCheckState] { check.states(soFar: true) }

    var events: [String: UInt64] {
        slots.reduce(into: [:]) { $0.merge($1.source?.health.events ?? [:], uniquingKeysWith: +) }
    }

    /// The meter of the whole node, while there is one.
    var nodeState: Snapshot.NodeMeter? {
        nodeMeter.map {
            Snapshot.NodeMeter(source: $0.source, quality: $0.quality.rawValue, isInlet: $0.name == "platform")
        }
    }

    mutating func sample(at now: Seconds) {
        for index in slots.indices { slots[index].sample(at: now) }
    }

    /// The zones' energy of the window. New zones are given the next index; the index of a zone never changes.
    mutating func collect(_ activity: NodeActivity, at now: Seconds) -> [(index: Int, reading: ZoneReading)] {
        time = now
        for index in slots.indices {
            if slots[index].probe(settings, at: now) {
                logger.notice("a power source has appeared", metadata: ["source": "\(slots[index].name)"])
                slots[index].sample(at: now)
            }
            slots[index].collect(activity, at: now)
            if let isUp = slots[index].news() {
                let reason = isUp ? "it answers" : slots[index].source?.health.lastError ?? "it has no reading"
                logger.log(
                    level: isUp ? .notice : .warning,
                    isUp ? "a power source answers again" : "a power source does not answer",
                    metadata: ["source": "\(slots[index].name)", "reason": "\(reason)"])
            }
        }
        for index in zones.indices {
            power[index] = Watts(0)
            isUp[index] = false
        }
        return chosen(activity, at: now).map { reading in
            let index = index(of: reading.zone)
            energy[index] = energy[index] + reading.energy + reading.late
            power[index] = reading.energy.power(over: activity.duration)
            bands[index] = reading.band
            isUp[index] = true
            return (index, reading)
        }
    }

    /// The window's readings that do not overlap.
    private mutating func chosen(_ activity: NodeActivity, at now: Seconds) -> [ZoneReading] {
        let estimate = model?.collect(activity, at: now) ?? []
        check.observe(slots.map(\.meter), window: activity.duration)
        let offers = slots.enumerated().filter { $1.kind != .battery }.map { index, slot in
            ZoneChoice.Offer(
                source: index, zones: slot.zones.map(\.name),
                readings: slot.readings.filter { !check.stuck.contains([slot.name, $0.zone.name]) })
        }
        let expectsMeter = slots.contains { $0.kind != .battery && $0.offers(.package) }
        var result = choice.choose(
            offers, estimate: estimate, expectsMeter: expectsMeter, window: activity.duration, at: now)
        check.observe(
            node: result.node, parts: result.parts,
            battery: slots.first { $0.kind == .battery }?.readings.first, window: activity.duration)
        if let node = result.node {
            if result.isEstimate { result.parts = fit(result.parts, into: node) }
            let rest = remainder.take(node: node, parts: result.parts, window: activity.duration)
            tell(result.parts + [rest])
            nodeMeter = node.zone
            return result.parts + [rest]
        }
        nodeMeter = nil
        remainder.miss(parts: result.parts)
        tell(result.parts)
        return result.parts
    }

    /// Logs, once, that a part of the node is measured by another source than before.
    private mutating func tell(_ readings: [ZoneReading]) {
        sourcesInUse = Set(readings.map(\.zone.source))
        for component in Zone.Component.allCases {
            guard let zone = readings.first(where: { $0.zone.component == component })?.zone else { continue }
            let before = inUse.updateValue(zone.source, forKey: component)
            if before == nil, zone.source != model?.name {
                // Not before it has said something.
                logger.info(
                    "power is \(zone.quality.rawValue)",
                    metadata: ["of": "\(component.rawValue)", "source": "\(zone.source)"])
            }
            guard let before, before != zone.source else { continue }
            logger.log(
                level: rank(zone.source) > rank(before) ? .warning : .notice, "power comes from another source now",
                metadata: ["of": "\(component.rawValue)", "source": "\(zone.source)", "before": "\(before)"])
        }
    }

    private func rank(_ source: String) -> Int { slots.firstIndex { $0.name == source } ?? slots.count }

    /// Splits the energy of one zone; see ``ZoneAttributor``.
    ///
    /// What only the node's own meter sees is real, but nobody's share of it is known: it stays unattributed, unless
    /// asked for.
    mutating func split(
        _ reading: ZoneReading, zone: Int, window: NodeActivity, activities: [WorkloadActivity], claims: [UInt64],
        into shares: inout [UInt64], fixed: inout [UInt64]
    ) -> ZoneAttributor.Split {
        var reading = reading
        if reading.zone.component == .platform, !configuration.attributesPlatform {
            reading.late = reading.late + reading.energy
            reading.energy = .zero
        }
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
            var state = Snapshot.ZoneState(
                name: zones[index].name, source: zones[index].source, quality: zones[index].quality.rawValue,
                hardware: zones[index].component.hardware, energyMicrojoules: energy[index].count,
                powerWatts: isUp[index] ? power[index].value : nil, staticWatts: staticPower[index].value,
                isUp: isUp[index])
            state.method = zones[index].method.rawValue
            state.powerLowWatts = isUp[index] ? bands[index]?.lowerBound.value : nil
            state.powerHighWatts = isUp[index] ? bands[index]?.upperBound.value : nil
            state.attribution = attribution(of: attributors[index].diagnosis)
            if zones[index].quality == .measured { state.loadCurve = curves[index].points.map(Self.point) }
            return state
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
        if let index = indices[zone.name] {
            // Another source may have taken over.
            zones[index] = zone
            return index
        }
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
                idleShare: zone.component == .dram ? Self.memoryIdleShare : idleShare,
                isMemory: zone.component == .dram, method: method, policy: policy,
                learned: coefficients(for: zone.component)))
        return zones.count - 1
    }

    /// Takes up the totals of an earlier run, before the first window.
    mutating func restore(_ totals: [(zone: Zone, energy: Microjoules)]) {
        for (zone, total) in totals { energy[index(of: zone)] = total }
    }
}
