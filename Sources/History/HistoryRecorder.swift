package import Snapshot

/// Turns the cumulative figures of snapshots into what was used in each minute.
///
/// Only the first snapshot of a minute is evaluated: figures are cumulative, and workloads that ended stay in the snapshot
/// for a while. The energy of a window that spans two minutes is counted to the earlier one.
package struct HistoryRecorder: Sendable {
    /// Up to where an earlier run of the agent has recorded.
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

        package init(period: HistoryPeriod, mark: Mark?) {
            self.period = period
            self.mark = mark
        }
    }

    private static let length = 60.0

    private let mark: Mark?
    private var base: OwnTotals?
    private var latest: Snapshot?
    /// Of the windows since the base, s.
    private var seconds = 0.0
    /// Of an earlier run, counted and not recorded, by zone name, uJ.
    private var unrecorded: [String: Int64] = [:]

    /// - Parameter mark: of the last minute in the store; nil where there is none.
    package init(continuing mark: Mark?) {
        self.mark = mark
    }

    /// Takes the next snapshot; the minute that has ended with it, where one has. O(workloads) then, else O(1).
    ///
    /// The first one returns a minute without content where recording begins with it: its mark tells the next run, however
    /// this one ends, where.
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
        let totals = OwnTotals(snapshot)
        latest = snapshot
        let agent = snapshot.agent
        if agent.startUnixTime == agent.processStartUnixTime {
            // Counters began with this run: everything is new.
            base = totals.atZero
            seconds = max(0, snapshot.windowSeconds)
        } else {
            base = totals
            if let mark, mark.epoch == agent.startUnixTime {
                for (zone, energy) in zip(totals.zones, totals.node) {
                    unrecorded[zone] = energy - (mark.zones[zone] ?? 0)
                }
                return nil
            }
        }
        let period = HistoryPeriod(
            start: Self.minute(of: snapshot), seconds: 0, zones: [], factors: HistoryFactors(snapshot), usage: [:])
        return base.map { Minute(period: period, mark: Self.mark($0, of: snapshot)) }
    }

    /// Up to where everything is recorded with these totals.
    private static func mark(_ totals: OwnTotals, of snapshot: Snapshot) -> Mark? {
        snapshot.agent.startUnixTime.map {
            Mark(epoch: $0, zones: Dictionary(zip(totals.zones, totals.node)) { $1 })
        }
    }

    private mutating func close(_ snapshot: Snapshot, start: Int64) -> Minute? {
        let now = OwnTotals(snapshot)
        defer {
            base = now
            seconds = 0
            unrecorded = [:]
        }
        guard let base else { return nil }
        var usage = now.growth(since: base)
        let factors = HistoryFactors(snapshot)
        if unrecorded.values.contains(where: { $0 != 0 }) {
            usage[HistoryWorkload(.unrecorded)] = gap(now.zones, factors)
        }
        let period = HistoryPeriod(
            start: start, seconds: seconds, zones: snapshot.node.zones.map { HistoryZone($0) }, factors: factors,
            usage: usage.mapValues { $0.priced(by: factors) })
        return Minute(period: period, mark: Self.mark(now, of: snapshot))
    }

    /// What was counted and not recorded, by the factors of now: those of then are not known.
    private func gap(_ zones: [String], _ factors: HistoryFactors) -> HistoryUsage {
        var gap = HistoryUsage(zones: zones.count)
        for (index, zone) in zones.enumerated() { gap.energy[index].dynamic = unrecorded[zone] ?? 0 }
        let sum = Double(gap.energy.reduce(0) { $0 + $1.sum })
        let micrograms = (sum / 3.6e6 * factors.gramsPerKilowattHour * factors.pue).rounded()
        gap.emissionsMicrograms = micrograms.magnitude < 9e18 ? Int64(micrograms) : nil
        return gap
    }

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

extension HistoryUsage {
    /// With what the energy costs: kWh at the wall, what the building adds included, by the price of the time.
    fileprivate func priced(by factors: HistoryFactors) -> HistoryUsage {
        var priced = self
        priced.costNanos = factors.pricePerKilowattHour.flatMap { price in
            let cost = Double(energy.reduce(0) { $0 + $1.sum }) / 3.6e12 * factors.pue * price * 1e9
            return cost.isFinite && abs(cost) < 9e18 ? Int64(cost.rounded()) : nil
        }
        return priced
    }
}
