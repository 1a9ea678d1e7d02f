internal import Attribution
internal import Metering
internal import Snapshot
internal import Units

/// One place in the order of preference: a meter, or the reason why there is none.
struct MeterSlot {
    let kind: SourceKind
    private(set) var source: (any PowerSource)?
    private(set) var diagnosis: Diagnosis?
    /// Of the present window.
    private(set) var readings: [ZoneReading] = []
    private(set) var window = Seconds(0)
    private var nextProbe = 0.0
    private var windows = 0
    /// As last told by ``news()``.
    private var wasUp = true

    /// How often to look for a meter that was not there: a driver may be loaded at any time, s.
    private static let probeInterval = 60.0

    init(kind: SourceKind) {
        self.kind = kind
    }

    var name: String { kind.rawValue }

    /// Opens the meter where that is due; true if there is one now and was none.
    mutating func probe(_ settings: MeterSettings, at now: Seconds) -> Bool {
        guard source == nil, now.value >= nextProbe else { return false }
        nextProbe = now.value + Self.probeInterval
        do throws(Diagnosis) {
            source = try openMeter(kind, settings)
            diagnosis = nil
            return true
        } catch {
            diagnosis = error
            return false
        }
    }

    var hasReadings: Bool { !readings.isEmpty }

    /// As it is compared with others.
    var meter: CrossCheck.Meter {
        CrossCheck.Meter(name: name, interval: source?.interval ?? Seconds(0), readings: readings)
    }

    /// True once it has been read, or has failed.
    var hasSpoken: Bool { hasReadings || source?.health.errors ?? 0 > 0 }

    mutating func sample(at now: Seconds) { source?.sample(at: now) }

    mutating func collect(_ activity: NodeActivity, at now: Seconds) {
        guard source != nil else { return }
        windows += 1
        window = activity.duration
        readings = source?.collect(activity, at: now) ?? []
    }

    /// The zones that it can be expected to have readings of.
    var zones: [Zone] { source?.zones ?? [] }

    /// True where it can be expected to have readings of `component`.
    func offers(_ component: Zone.Component) -> Bool { zones.contains { $0.component == component } }

    /// Whether it has just fallen silent (false) or speaks again (true); nil where nothing has changed.
    mutating func news() -> Bool? {
        guard source != nil, kind != .battery, windows > 1 else { return nil }
        // One that has not said anything yet may still do so.
        let isUp = hasReadings || source?.health.errors == 0 && wasUp
        defer { wasUp = isUp }
        return isUp == wasUp ? nil : isUp
    }

    func state(at now: Seconds, isInUse: Bool) -> Snapshot.SourceState {
        let health = source?.health ?? SourceHealth()
        // The first window sets the base, and a slow meter has its time.
        let isStarting = windows <= 1 || health.reads == 0 && health.errors == 0
        var state = Snapshot.SourceState(
            name: name, isUp: source != nil && (!readings.isEmpty || isStarting), errors: health.errors,
            lastError: health.lastError ?? diagnosis?.description)
        state.reads = health.reads
        state.ageSeconds = health.lastRead.map { max(0, now.value - $0.value) }
        state.intervalSeconds = source?.interval.value
        state.isInUse = isInUse
        return state
    }
}
