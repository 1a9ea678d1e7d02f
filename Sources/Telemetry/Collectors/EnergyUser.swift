internal import Snapshot

/// Anything with energy, emissions and CPU time.
protocol EnergyUser {
    var zones: NamedValues<Snapshot.ZoneEnergy> { get }
    var powerWatts: Double? { get }
    var emissionsGrams: Double? { get }
    var cpuSeconds: Double { get }
    /// Since when it counts, Unix time, s; nil where that is since the agent's start.
    var since: Double? { get }
}

extension Snapshot.Workload: EnergyUser {}
extension Snapshot.Aggregate: EnergyUser {}
extension Snapshot.Command: EnergyUser {}

/// Families of what every energy user has.
struct EnergyUsers: Sendable {
    let rows: @Sendable (Exposition) -> [Exposition.Row]

    /// Energy by zone, and by mode where `byMode`; else only what is dynamic.
    func energy(_ metric: Metric, byMode: Bool) -> MetricFamily {
        MetricFamily(metric) { exposition, out in
            let rows = rows(exposition)
            let zones = exposition.zones
            var order = NameOrder(zones)
            for index in rows.indices {
                let labels = rows[index].labels
                out.setStart(rows[index].since)
                let places = order.places(in: rows[index].zones.names)
                for zone in zones.indices {
                    guard let place = places[zone] else { continue }
                    let amount = rows[index].zones.values[place]
                    guard byMode else {
                        out.add(labels, zones[zone], .millionths(amount.dynamicMicrojoules))
                        continue
                    }
                    out.add(labels, zones[zone], "dynamic", .millionths(amount.dynamicMicrojoules))
                    if rows[index].hasStaticEnergy {
                        out.add(labels, zones[zone], "static", .millionths(amount.staticMicrojoules))
                    }
                }
            }
        }
    }

    // An unknown figure is left out; it is not zero.

    func power(_ metric: Metric) -> MetricFamily {
        MetricFamily(metric) { exposition, out in
            let rows = rows(exposition)
            for index in rows.indices {
                if let watts = rows[index].powerWatts { out.add(rows[index].labels, .real(watts)) }
            }
        }
    }

    func emissions(_ metric: Metric) -> MetricFamily {
        MetricFamily(metric) { exposition, out in
            let rows = rows(exposition)
            for index in rows.indices {
                guard let grams = rows[index].emissionsGrams else { continue }
                out.setStart(rows[index].since)
                out.add(rows[index].labels, .real(grams))
            }
        }
    }

    /// - Parameter conventional: OpenTelemetry's name of it.
    func cpuTime(_ metric: Metric, conventional: String?) -> MetricFamily {
        MetricFamily(metric, conventional: conventional) { exposition, out in
            let rows = rows(exposition)
            for index in rows.indices {
                out.setStart(rows[index].since)
                out.add(rows[index].labels, .real(rows[index].cpuSeconds))
            }
        }
    }
}
