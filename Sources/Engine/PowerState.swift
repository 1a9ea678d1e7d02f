package import Attribution
package import Metering
internal import Snapshot
internal import Units

extension NodeAttributor {
    /// As configured; what is learned starts from what the fallback knows.
    ///
    /// - Parameter threads: CPUs of the machine.
    package init(_ configuration: EngineConfiguration, fallback: PowerFallback, threads: Int) {
        let band = fallback.profile.band(threads: threads, utilization: 0)
        var settings = Settings(
            prior: IdlePrior(
                idle: fallback.profile.watts(threads: threads, utilization: 0),
                full: fallback.profile.watts(threads: threads, utilization: 1),
                within: (band.upperBound.value / max(band.lowerBound.value, 1e-6)).squareRoot()))
        settings.idle = configuration.idlePower
        settings.method = configuration.attribution
        settings.policy = configuration.staticPolicy
        if configuration.power.attributesPlatform { settings.bases[.platform] = .cpuFeatures }
        for component in ZoneID.Component.allCases {
            settings.learned[component] = fallback.coefficients(of: component)
        }
        self.init(settings)
    }
}

extension Engine {
    /// The zones as readers get them, by zone index.
    var zoneStates: [Snapshot.ZoneState] {
        meters.zones.enumerated().map { Snapshot.ZoneState($1, attributor.state(ofZone: $0)) }
    }

    /// The meter of the whole node, while there is one.
    var nodeMeter: Snapshot.NodeMeter? {
        meters.nodeMeter.map {
            Snapshot.NodeMeter(source: $0.source, quality: $0.quality.rawValue, isInlet: $0.id == .platform)
        }
    }
}

extension Snapshot.ZoneState {
    init(_ metered: MeteredZone, _ state: NodeAttributor.ZoneState) {
        let zone = metered.zone
        self.init(
            name: zone.name, source: zone.source, quality: zone.quality.rawValue, hardware: zone.component.hardware,
            energyMicrojoules: metered.energy.count, powerWatts: metered.power?.value,
            staticWatts: state.staticPower.value, isUp: metered.isUp, powerLowWatts: metered.band?.lowerBound.value,
            powerHighWatts: metered.band?.upperBound.value, attribution: Snapshot.Attribution(state.diagnosis))
        method = zone.method.rawValue
        if let estimate = state.staticEstimate {
            staticLowWatts = estimate.bounds.lowerBound.value
            staticHighWatts = estimate.bounds.upperBound.value
            staticQuality = estimate.quality.rawValue
            dynamicQuality = max(zone.quality, estimate.quality.dynamicQuality).rawValue
        }
        if zone.quality == .measured { loadCurve = state.curve.points.map { Snapshot.LoadPoint($0) } }
    }
}

extension Snapshot.Attribution {
    fileprivate init(_ diagnosis: AttributionDiagnosis) {
        self.init(
            method: diagnosis.method, reason: diagnosis.reason, modelShare: diagnosis.modelShare,
            modelErrorWatts: diagnosis.modelErrorWatts, cpuTimeErrorWatts: diagnosis.cpuTimeErrorWatts,
            coefficients: diagnosis.coefficients)
    }
}

extension Snapshot.LoadPoint {
    fileprivate init(_ point: MeasuredCurve.Point) {
        self.init(
            utilization: point.utilization, watts: point.watts, spreadWatts: point.spreadWatts, seconds: point.seconds)
    }
}

extension Snapshot.SourceState {
    init(_ state: MeterState) {
        self.init(name: state.name, isUp: state.isUp, errors: state.errors, lastError: state.lastError)
        reads = state.reads
        ageSeconds = state.age?.value
        intervalSeconds = state.interval?.value
        isInUse = state.isInUse
        guard !state.uncounted.isEmpty else { return }
        let zones = state.uncounted.map { ($0.key.description, $0.value) }
        refusedMicrojoules = Dictionary(uniqueKeysWithValues: zones.map { ($0, $1.refused.count) })
        lostMicrojoules = Dictionary(uniqueKeysWithValues: zones.map { ($0, $1.lost.count) })
    }
}

extension Snapshot.CrossCheckState {
    init(_ verdict: CrossCheck.Verdict) {
        self.init(
            zone: verdict.zone, source: verdict.source, other: verdict.other, ratio: verdict.ratio,
            agrees: verdict.agrees)
    }
}
