package import Attribution
package import Units

/// One place in the order of preference: a source that is open, or the reason why it is not.
package struct Meter: Sendable {
    /// Opens the source; throws the reason where that is not possible. Must not wait for slow hardware.
    package typealias Opener = @Sendable () throws(Diagnosis) -> any PowerSource

    /// A change that is worth a line in the log.
    package enum Transition: Sendable {
        case lost
        case recovered
    }

    package let kind: SourceKind
    /// True where the user configured this source: then it is a problem if it is missing.
    package let isRequested: Bool
    package private(set) var source: (any PowerSource)?
    /// Why ``source`` is nil; nil before the first attempt and while it is open.
    package private(set) var diagnosis: Diagnosis?
    /// Of the present window.
    package private(set) var readings: [ZoneReading] = []
    /// Length of the window of ``readings``.
    package private(set) var window = Seconds(0)
    /// What its counters showed for a time in which others stood in for it, beyond what those gave.
    private var replaced: [ZoneID: UncountedEnergy] = [:]
    private let open: Opener
    private var nextAttempt = 0.0
    private var windows = 0
    /// As of the last call of ``transition()``.
    private var wasUp = true

    /// How often to look for a source that is missing: a driver may be loaded at any time, s.
    private static let retryInterval = 60.0

    /// Windows until a meter that has shown nothing but errors is not waited for any longer.
    private static let patience = 4

    package init(kind: SourceKind, isRequested: Bool = false, open: @escaping Opener) {
        self.kind = kind
        self.isRequested = isRequested
        self.open = open
    }

    /// The same meter, not opened yet, with another way to open it.
    package func opened(by wrap: (_ kind: SourceKind, _ open: @escaping Opener) -> Opener) -> Meter {
        Meter(kind: kind, isRequested: isRequested, open: wrap(kind, open))
    }

    /// The source's name, which is that of its kind.
    package var name: String { kind.rawValue }

    /// False for a source that is only compared with others and never gives the node's power.
    package var isSelectable: Bool { kind != .battery }

    /// Opens the source where an attempt is due; true where that worked.
    package mutating func openIfDue(at now: Seconds) -> Bool {
        guard source == nil, now.value >= nextAttempt else { return false }
        nextAttempt = now.value + Self.retryInterval
        do throws(Diagnosis) {
            source = try open()
            diagnosis = nil
            return true
        } catch {
            diagnosis = error
            return false
        }
    }

    package var hasReadings: Bool { !readings.isEmpty }

    /// True once there is a reading, or an error after the time that a reading takes: what fails first may be one sensor of
    /// several, or only the first attempt.
    package var hasResult: Bool {
        hasReadings || windows >= Self.patience && source?.health.errors ?? 0 > 0
    }

    /// See ``PowerSource/sample(at:)``.
    package mutating func sample(at now: Seconds) { source?.sample(at: now) }

    /// Ends the window: its readings replace those of the window before.
    package mutating func collect(_ usage: NodeUsage, at now: Seconds) {
        guard source != nil else { return }
        windows += 1
        window = usage.duration
        readings = source?.collect(usage, at: now) ?? []
    }

    /// The zones that it has, whether or not they can be read at present.
    package var zones: [Zone] { source?.zones ?? [] }

    /// Time between two readings of it; zero where it is read with every tick.
    var interval: Seconds { source?.interval ?? Seconds(0) }

    /// Zones whose counter does not advance, and what was seen.
    package var stillZones: [ZoneID: String] { source?.stillZones ?? [:] }

    /// True where readings of packages are to be expected of it.
    var isExpected: Bool {
        let still = stillZones
        return isSelectable && zones.contains { $0.component == .package && still[$0.id] == nil }
    }

    /// True where it has a zone of `component`.
    package func covers(_ component: Zone.Component) -> Bool { zones.contains { $0.component == component } }

    /// Whether it was lost or has recovered since the last call; nil where nothing changed.
    mutating func transition() -> Transition? {
        guard source != nil, isSelectable, windows > 1 else { return nil }
        // Without a reading and without an error it may only be slow.
        let isUp = hasReadings || source?.health.errors == 0 && wasUp
        defer { wasUp = isUp }
        return isUp == wasUp ? nil : isUp ? .recovered : .lost
    }

    /// Why an open source has no reading; nil where it has one, or has not failed.
    var failure: String? {
        guard let health = source?.health, !hasReadings, health.errors > 0 else { return nil }
        return health.lastError
    }

    /// Energy that is in no total, by zone.
    var uncounted: [ZoneID: UncountedEnergy] {
        (source?.health.uncounted ?? [:]).merging(replaced) { $0.adding($1) }
    }

    /// Notes energy of `zone` that is in no total.
    mutating func lose(_ energy: Microjoules, of zone: ZoneID, at now: Seconds) {
        replaced[zone, default: UncountedEnergy()].add(refused: .zero, lost: energy, at: now)
    }

    func state(at now: Seconds, isInUse: Bool) -> MeterState {
        let health = source?.health ?? SourceHealth()
        // The first window sets the base, and a slow meter takes its time.
        let isStarting = windows <= 1 || health.reads == 0 && health.errors == 0
        return MeterState(
            name: name, isUp: source != nil && (hasReadings || isStarting), errors: health.errors,
            lastError: health.lastError ?? diagnosis?.description, reads: health.reads,
            age: health.lastRead.map { Seconds(max(0, now.value - $0.value)) }, interval: source?.interval,
            isInUse: isInUse, uncounted: uncounted)
    }
}
