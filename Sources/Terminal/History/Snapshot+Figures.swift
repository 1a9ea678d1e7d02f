import Snapshot

extension Snapshot {
    /// Everything that has figures, by the id of its row; the node itself and its parts and zones too.
    func eachSeries(_ body: (String, PowerSeries.Point) -> Void) {
        let hasWindow = Rows.hasWindow(self)
        func point(_ watts: Double?, _ cpus: Double?, _ joules: Double?, _ seconds: Double?, _ grams: Double?)
            -> PowerSeries.Point
        {
            .init(
                time: unixTime, watts: hasWindow ? watts : nil, cpus: hasWindow ? cpus : nil,
                figures: Figures(joules: joules, cpuSeconds: seconds, grams: grams, window: windowSeconds))
        }
        let joules = node.zones.isEmpty ? nil : node.zones.reduce(0) { $0 + Double($1.energyMicrojoules) / 1e6 }
        body(SeriesID.node, point(node.powerWatts, node.cpuUsage, joules, node.cpuSeconds, node.emissionsGrams))
        for zone in node.zones {
            body(SeriesID.zone(zone.name), point(zone.powerWatts, nil, Double(zone.energyMicrojoules) / 1e6, nil, nil))
        }
        for (id, bucket) in [
            (SeriesID.idle, node.idle), (SeriesID.system, node.system), (SeriesID.unattributed, node.unattributed),
        ] {
            let joules = bucket.zones.isEmpty ? nil : bucket.zones.values.reduce(0) { $0 + Double($1) / 1e6 }
            body(id, point(bucket.powerWatts, nil, joules, bucket.cpuSeconds, bucket.emissionsGrams))
        }
        for workload in workloads {
            body(
                workload.id,
                point(
                    workload.powerWatts, workload.cpuUsage, Row.joules(workload.zones), workload.cpuSeconds,
                    workload.emissionsGrams))
        }
        for process in processes {
            body(
                Row.id(process),
                point(
                    process.powerWatts, process.cpuUsage, Row.joules(process.zones), process.cpuSeconds,
                    process.emissionsGrams))
        }
        for sum in aggregates ?? [] {
            body(
                Row.id(sum),
                point(sum.powerWatts, sum.cpuUsage, Row.joules(sum.zones), sum.cpuSeconds, sum.emissionsGrams))
        }
    }

    /// Replaces every power and use of the CPU by what `mean` knows of the row with an id; where it knows nothing, what
    /// is there stays.
    mutating func replaceRates(_ mean: (String) -> (watts: Double?, cpus: Double?)?) {
        func watts(_ id: String, _ old: Double?) -> Double? { old == nil ? nil : mean(id)?.watts ?? old }
        if let whole = mean(SeriesID.node) {
            node.powerWatts = node.powerWatts == nil ? nil : whole.watts ?? node.powerWatts
            node.cpuUsage = whole.cpus ?? node.cpuUsage
        }
        for index in node.zones.indices {
            node.zones[index].powerWatts = watts(SeriesID.zone(node.zones[index].name), node.zones[index].powerWatts)
        }
        node.idle.powerWatts = watts(SeriesID.idle, node.idle.powerWatts)
        node.system.powerWatts = watts(SeriesID.system, node.system.powerWatts)
        node.unattributed.powerWatts = watts(SeriesID.unattributed, node.unattributed.powerWatts)
        for index in workloads.indices {
            guard let rates = mean(workloads[index].id) else { continue }
            if workloads[index].powerWatts != nil, let watts = rates.watts { workloads[index].powerWatts = watts }
            if let cpus = rates.cpus { workloads[index].cpuUsage = cpus }
        }
        for index in processes.indices {
            guard let rates = mean(Row.id(processes[index])) else { continue }
            if processes[index].powerWatts != nil, let watts = rates.watts { processes[index].powerWatts = watts }
            if let cpus = rates.cpus { processes[index].cpuUsage = cpus }
        }
        for index in (aggregates ?? []).indices {
            guard let sum = aggregates?[index], let rates = mean(Row.id(sum)) else { continue }
            if sum.powerWatts != nil, let watts = rates.watts { aggregates?[index].powerWatts = watts }
            if let cpus = rates.cpus { aggregates?[index].cpuUsage = cpus }
        }
    }
}

/// Names of the series that are no workload.
enum SeriesID {
    static let node = "node"
    static let idle = "part idle"
    static let system = "part kernel threads"
    static let unattributed = "part unattributed"

    /// True of rows that take over what others have used once these are not shown any more: their counters grow by energy of
    /// the past, which says nothing about a time in between.
    static func collects(_ id: String) -> Bool {
        // With the name of the node before it where there are several. By bytes, because this is asked of every row.
        let id = id.utf8
        if id.elementsEqual("ended".utf8) || id.starts(with: "other:".utf8) { return true }
        guard let slash = id.firstIndex(of: UInt8(ascii: "/")), !id[..<slash].contains(UInt8(ascii: ":")) else {
            return false
        }
        let name = id[id.index(after: slash)...]
        return name.elementsEqual("ended".utf8) || name.starts(with: "other:".utf8)
    }

    static func zone(_ name: String) -> String { "zone \(name)" }
}
