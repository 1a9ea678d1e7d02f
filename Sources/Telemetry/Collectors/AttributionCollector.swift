internal import Snapshot

extension Collector {
    /// How the energy of each zone is divided, and how good that is.
    static let attribution = Collector(
        level: .node,
        families: [
            MetricFamily(
                "energyd.zone.power.bound", .gauge, .watts,
                "Bounds of the 90 % interval of an estimated zone's power.",
                attributes: ["zone", "bound"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones where zone.isUp {
                    if let low = zone.powerLowWatts { out.add(zone.name, "low", .real(low)) }
                    if let high = zone.powerHighWatts { out.add(zone.name, "high", .real(high)) }
                }
            },
            MetricFamily(info) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    guard let attribution = zone.attribution else { continue }
                    let values = [zone.name, attribution.method, attribution.reason]
                    out.add(AttributeSet(names: info.attributes, values: values), .integer(1))
                }
            },
            MetricFamily(
                "energyd.attribution.model.share", .gauge, .ratio,
                "Share of the dynamic energy that the regression divides; CPU time divides the rest.",
                attributes: ["zone"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    if let attribution = zone.attribution { out.add(zone.name, .real(attribution.modelShare)) }
                }
            },
            MetricFamily(
                "energyd.attribution.error", .gauge, .watts,
                "Mean absolute error against the meter over the last minutes, of the regression and of CPU time.",
                attributes: ["zone", "method"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    if let watts = zone.attribution?.modelErrorWatts { out.add(zone.name, "model", .real(watts)) }
                    if let watts = zone.attribution?.cpuTimeErrorWatts { out.add(zone.name, "cpu-time", .real(watts)) }
                }
            },
            MetricFamily(
                "energyd.attribution.coefficient", .gauge, .watts,
                "Coefficients of the regression that all workloads share: power per unit of each feature.",
                attributes: ["zone", "feature"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    let coefficients = zone.attribution?.coefficients ?? [:]
                    for (feature, watts) in coefficients.sorted(by: { $0.key < $1.key }) {
                        out.add(zone.name, feature, .real(watts))
                    }
                }
            },
        ])

    private static let info = Metric(
        "energyd.attribution", .info, .none,
        "Method that currently divides the zone's dynamic energy, and why; see docs/model.md.",
        attributes: ["zone", "method", "reason"])
}
