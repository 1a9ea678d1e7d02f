package import Snapshot

/// The figures of the last ten minutes, for means, curves and looking back.
package struct Timeline: Sendable {
    /// How long figures are kept, s.
    package static let span = 600.0
    /// Points at most, over all series: 48 bytes each.
    static let mostPoints = 1_000_000
    /// Readings closer to each other than this replace one another, s: a refresh of 200 ms does not need more memory.
    private static let closest = 0.9

    /// What the node was like at one reading; what its workloads used is in their series.
    private struct Moment: Sendable {
        var timestamp: String
        var unixTime: Double
        var sequence: UInt64
        var window: Double
        var node: Snapshot.Node
    }

    private var series: [String: PowerSeries] = [:]
    private var moments: [Moment] = []
    private var workloads: [String: Snapshot.Workload] = [:]
    private(set) var latest: Snapshot?
    /// The one before it, for rates of what is not kept.
    private(set) var previous: Snapshot?
    private var points = 0
    /// The workload whose zones have series too, and these by the name of the zone: of all workloads they would be too many.
    private var watched: String?
    private var zones: [String: PowerSeries] = [:]

    package init() {}

    /// How many readings there are.
    package var count: Int { moments.count }

    package func series(_ id: String) -> PowerSeries? { series[id] }

    /// Puts what was used before the first reading in front of it, such as what an agent remembers.
    package mutating func prepend(_ older: [PowerSeries.Point], to id: String) {
        series[id, default: PowerSeries()].prepend(older)
    }

    /// Keeps the powers of the zones of the workload with this id from now on, and forgets those of another.
    mutating func watchZones(of id: String?) {
        guard watched != id else { return }
        (watched, zones) = (id, [:])
    }

    /// The power of one zone of the workload that is watched, since it is.
    func zoneSeries(_ zone: String, of id: String) -> PowerSeries? { id == watched ? zones[zone] : nil }

    private mutating func appendZones(of snapshot: Snapshot, after previous: Snapshot) {
        guard let watched, let new = snapshot.workloads.first(where: { $0.id == watched }),
            let old = previous.workloads.first(where: { $0.id == watched })
        else { return }
        let seconds = snapshot.unixTime - previous.unixTime
        guard seconds > 0 else { return }
        for (name, energy) in new.zones {
            guard let before = old.zones[name], energy.joules >= before.joules else { continue }
            let watts = (energy.joules - before.joules) / seconds
            zones[name, default: PowerSeries()].append(.init(time: snapshot.unixTime, watts: watts, cpus: nil))
            zones[name]?.drop(before: snapshot.unixTime - Self.span)
        }
    }

    /// Takes a reading in. That of another run of the agent begins anew: its counters start at another value.
    package mutating func append(_ snapshot: Snapshot) {
        if let latest {
            if latest.sequence == snapshot.sequence, latest.unixTime == snapshot.unixTime { return }
            if snapshot.unixTime < latest.unixTime || snapshot.agent.startTime != latest.agent.startTime
                || snapshot.agent.processStartUnixTime != latest.agent.processStartUnixTime
            {
                let watched = watched
                self = Timeline()
                self.watched = watched
            }
        }
        previous = latest
        if let previous { appendZones(of: snapshot, after: previous) }
        latest = snapshot
        let isClose = moments.count > 1 && snapshot.unixTime - moments[moments.count - 2].unixTime < Self.closest
        let replaced = isClose ? moments.removeLast().unixTime : nil
        var node = snapshot.node
        for index in node.zones.indices { node.zones[index].loadCurve = nil }
        moments.append(
            Moment(
                timestamp: snapshot.timestamp, unixTime: snapshot.unixTime, sequence: snapshot.sequence,
                window: snapshot.windowSeconds, node: node))
        snapshot.eachSeries { id, point in
            if let replaced { series[id]?.drop(from: replaced) }
            series[id, default: PowerSeries()].append(point)
            points += 1
        }
        for workload in snapshot.workloads where moments.count % 16 == 1 || workloads[workload.id] == nil {
            workloads[workload.id] = workload
        }
        if moments.count % 16 == 0 || points > Self.mostPoints { forget(before: snapshot.unixTime - Self.span) }
    }

    /// Drops what is too old, and more where there is too much of it.
    private mutating func forget(before limit: Double) {
        var limit = limit
        repeat {
            moments.removeAll { $0.unixTime < limit }
            points = 0
            for id in series.keys {
                series[id]?.drop(before: limit)
                let count = series[id]?.count ?? 0
                points += count
                if count == 0 {
                    series[id] = nil
                    workloads[id] = nil
                }
            }
            limit += Self.span / 8
        } while points > Self.mostPoints && moments.count > 2
    }

    /// What was read `steps` readings ago, with its powers as the mean of `average`.
    package func snapshot(stepsBack steps: Int = 0, average: Average = .now) -> Snapshot? {
        guard var snapshot = latest else { return nil }
        let steps = max(0, min(steps, moments.count - 1))
        if steps > 0 { snapshot = past(moments[moments.count - 1 - steps], snapshot) }
        guard average != .now, moments.count - steps > 1, Rows.hasWindow(snapshot) else { return snapshot }
        let end = snapshot.unixTime
        let first = moments[0].unixTime - moments[0].window
        // Early on, the mean covers a shorter time.
        let start = max(end - average.seconds, first)
        // From reading to reading, so that nothing is counted that lies outside.
        let base = moments.last { $0.unixTime <= start + 0.05 }?.unixTime ?? first
        snapshot.replaceRates { SeriesID.collects($0) ? nil : series[$0]?.mean(from: base, to: end) }
        snapshot.windowSeconds = end - base
        return snapshot
    }

    /// `latest` as it was at `moment`. Energy is known in sum then, not by zone.
    private func past(_ moment: Moment, _ latest: Snapshot) -> Snapshot {
        var snapshot = latest
        (snapshot.timestamp, snapshot.unixTime) = (moment.timestamp, moment.unixTime)
        (snapshot.sequence, snapshot.windowSeconds, snapshot.node) = (moment.sequence, moment.window, moment.node)
        func value(_ value: Float) -> Double? { value.isFinite ? Double(value) : nil }
        func zones(_ joules: Double) -> NamedValues<Snapshot.ZoneEnergy> {
            guard joules.isFinite, joules >= 0 else { return [:] }
            return ["all": .init(dynamicMicrojoules: UInt64(nearest: joules * 1e6), staticMicrojoules: 0)]
        }
        snapshot.workloads = workloads.values.compactMap { known in
            guard let point = series[known.id]?.point(at: moment.unixTime), point.time == moment.unixTime else {
                return nil
            }
            var workload = known
            workload.powerWatts = value(point.watts)
            workload.cpuUsage = value(point.cpus) ?? 0
            workload.cpuSeconds = point.figures.cpuSeconds
            workload.emissionsGrams = point.figures.grams.isFinite ? point.figures.grams : nil
            workload.zones = zones(point.figures.joules)
            return workload
        }.sorted { $0.id < $1.id }
        snapshot.processes = latest.processes.compactMap { known in
            guard let point = series[Row.id(known)]?.point(at: moment.unixTime), point.time == moment.unixTime else {
                return nil
            }
            var process = known
            (process.powerWatts, process.cpuUsage) = (value(point.watts), value(point.cpus) ?? 0)
            process.zones = zones(point.figures.joules)
            return process
        }
        snapshot.aggregates = latest.aggregates?.compactMap { known in
            guard let point = series[Row.id(known)]?.point(at: moment.unixTime), point.time == moment.unixTime else {
                return nil
            }
            var sum = known
            (sum.powerWatts, sum.cpuUsage) = (value(point.watts), value(point.cpus) ?? 0)
            sum.zones = zones(point.figures.joules)
            return sum
        }
        return snapshot
    }
}

/// Over how long powers are averaged.
package enum Average: String, Sendable, CaseIterable {
    /// The agent's last window.
    case now
    case tenSeconds = "10s"
    case minute = "1min"

    package var seconds: Double {
        switch self {
        case .now: 0
        case .tenSeconds: 10
        case .minute: 60
        }
    }

    /// For display.
    package var title: String {
        switch self {
        case .now: "last window"
        case .tenSeconds: "mean of 10 s"
        case .minute: "mean of 1 min"
        }
    }
}
