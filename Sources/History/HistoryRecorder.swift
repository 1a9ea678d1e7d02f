package import Snapshot

/// Turns the cumulative figures of snapshots into what was used in each minute.
///
/// Only the first snapshot of a minute is evaluated: figures are cumulative, and workloads that ended stay in the snapshot
/// for a while. The energy of a window that spans two minutes is counted to the earlier one.
package struct HistoryRecorder: Sendable {
    /// What the node's counters were at a moment.
    package struct Mark: Sendable, Equatable {
        /// Start of the counters, Unix time, s.
        package var epoch: Double
        /// Energy of each zone then, uJ.
        package var zones: [String: Int64]

        package init(epoch: Double, zones: [String: Int64]) {
            self.epoch = epoch
            self.zones = zones
        }
    }

    /// A minute, and up to where everything is recorded with it.
    package struct Minute: Sendable, Equatable {
        package var period: HistoryPeriod
        package var mark: Mark?
        /// Of the first minute of a run: where it began. What the counters grew by between the mark in the store and
        /// this one was not recorded.
        package var beginning: Mark?

        package init(period: HistoryPeriod, mark: Mark?, beginning: Mark? = nil) {
            self.period = period
            self.mark = mark
            self.beginning = beginning
        }
    }

    private static let length = 60.0

    private let isUserMade: @Sendable (Snapshot.Workload) -> Bool
    private var base: OwnTotals?
    private var latest: Snapshot?
    /// Of the windows since the base, s.
    private var seconds = 0.0

    /// - Parameter isUserMade: whether a user who is not root chose a workload's name; asked once for each.
    package init(isUserMade: @escaping @Sendable (Snapshot.Workload) -> Bool = { _ in false }) {
        self.isUserMade = isUserMade
    }

    /// Takes the next snapshot; the minute that has ended with it, where one has. O(workloads) then, else O(1).
    ///
    /// The first one returns a minute without content: its marks tell the store, and the next run, where this one began.
    package mutating func take(_ snapshot: Snapshot) -> Minute? {
        guard let previous = latest else { return begin(snapshot) }
        seconds += max(0, snapshot.windowSeconds)
        latest = snapshot
        guard Self.minute(of: previous) != Self.minute(of: snapshot) else { return nil }
        return close(snapshot, start: Self.minute(of: previous))
    }

    /// What was used since the last minute: the agent ends.
    package mutating func finish() -> Minute? {
        guard let latest, seconds > 0 else { return nil }
        return close(latest, start: Self.minute(of: latest))
    }

    private mutating func begin(_ snapshot: Snapshot) -> Minute? {
        var totals = OwnTotals(snapshot, isUserMade: isUserMade)
        latest = snapshot
        let agent = snapshot.agent
        if agent.startUnixTime == agent.processStartUnixTime {
            // Counters began with this run: everything is new.
            totals = totals.atZero
            seconds = max(0, snapshot.windowSeconds)
        }
        base = totals
        let mark = Self.mark(totals, of: snapshot)
        let period = HistoryPeriod(
            start: Self.minute(of: snapshot), seconds: 0, zones: Self.zones(of: snapshot),
            factors: HistoryFactors(snapshot), usage: [:])
        return Minute(period: period, mark: mark, beginning: mark)
    }

    /// Up to where everything is recorded with these totals.
    private static func mark(_ totals: OwnTotals, of snapshot: Snapshot) -> Mark? {
        snapshot.agent.startUnixTime.map {
            Mark(epoch: $0, zones: Dictionary(zip(totals.zones, totals.node)) { $1 })
        }
    }

    private mutating func close(_ snapshot: Snapshot, start: Int64) -> Minute? {
        let now = OwnTotals(snapshot, after: base, isUserMade: isUserMade)
        defer {
            base = now
            seconds = 0
        }
        guard let base else { return nil }
        let factors = HistoryFactors(snapshot)
        var period = HistoryPeriod(
            start: start, seconds: seconds, zones: Self.zones(of: snapshot), factors: factors,
            usage: now.growth(since: base).mapValues { $0.priced(by: factors) })
        period.userMade = now.userMade.intersection(period.usage.keys)
        return Minute(period: period, mark: Self.mark(now, of: snapshot))
    }

    private static func zones(of snapshot: Snapshot) -> [HistoryZone] { snapshot.node.zones.map { HistoryZone($0) } }

    /// Unix time of the beginning of a snapshot's minute, s.
    private static func minute(of snapshot: Snapshot) -> Int64 {
        let minutes = (snapshot.unixTime / length).rounded(.down)
        return minutes.isFinite ? Int64(max(-1e12, min(minutes, 1e12)) * length) : 0
    }
}

extension HistoryZone {
    init(_ zone: Snapshot.ZoneState) {
        self.init(
            name: zone.name, source: zone.source, quality: zone.quality, dynamicQuality: zone.dynamicQuality,
            hardware: zone.hardware)
    }
}

extension HistoryFactors {
    init(_ snapshot: Snapshot) {
        let carbon = snapshot.carbon
        self.init(
            gramsPerKilowattHour: carbon.intensityGramsPerKilowattHour, pue: carbon.pue, source: carbon.source)
        (type, scope, quality) = (carbon.factorType, carbon.factorScope, carbon.quality)
        (pricePerKilowattHour, currency) = (snapshot.price?.perKilowattHour, snapshot.price?.currency)
    }
}
