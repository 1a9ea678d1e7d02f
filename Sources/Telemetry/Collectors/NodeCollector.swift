internal import Snapshot

extension Collector {
    /// The node's energy, and its parts.
    static let nodeEnergy = Collector(
        level: .node,
        families: [
            MetricFamily("energyd.node.energy", .counter, .joules, "Energy of the node, all zones together.") {
                exposition, out in
                out.add(.millionths(exposition.snapshot.node.zones.reduce(0) { $0 + $1.energyMicrojoules }))
            },
            MetricFamily("energyd.node.power", .gauge, .watts, "Power of the node over the last window.") {
                exposition, out in
                if let watts = exposition.snapshot.node.powerWatts { out.add(.real(watts)) }
            },
            MetricFamily(
                "energyd.node.part.energy", .counter, .joules,
                "Energy of the node by part; the parts add up to the zone's energy exactly.",
                attributes: ["zone", "part"]
            ) { exposition, out in
                for (zone, name) in exposition.zones.enumerated() {
                    for part in exposition.parts { out.add(name, part.name, .millionths(part.energy[zone])) }
                }
            },
            MetricFamily(
                "energyd.node.part.power", .gauge, .watts, "Power of the node over the last window, by part.",
                attributes: ["part"]
            ) { exposition, out in
                for part in exposition.parts {
                    if let watts = part.powerWatts { out.add(part.name, .real(watts)) }
                }
            },
            MetricFamily(
                "energyd.node.static.power", .gauge, .watts,
                "Power that the zone is assumed to draw when nothing runs.",
                attributes: ["zone"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones where zone.isUp {
                    out.add(zone.name, .real(zone.staticWatts))
                }
            },
            MetricFamily(
                "energyd.node.static.power.bound", .gauge, .watts,
                "Bounds of the 90 % interval of the power that the zone draws when nothing runs.",
                attributes: ["zone", "bound"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones where zone.isUp {
                    if let low = zone.staticLowWatts { out.add(zone.name, "low", .real(low)) }
                    if let high = zone.staticHighWatts { out.add(zone.name, "high", .real(high)) }
                }
            },
            MetricFamily(
                "energyd.zone.static", .info, .none,
                "How the zone's static power is known (configured, learned, extrapolated, prior), and what its dynamic "
                    + "energy is worth at best (measured, modelled, estimated).",
                attributes: ["zone", "quality", "dynamic.quality"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones where zone.isUp {
                    guard let quality = zone.staticQuality, let dynamic = zone.dynamicQuality else { continue }
                    out.add(
                        AttributeSet(
                            names: ["zone", "quality", "dynamic.quality"], values: [zone.name, quality, dynamic]),
                        .integer(1))
                }
            },
        ])

    /// The node otherwise.
    static let node = Collector(
        level: .node,
        families: [
            MetricFamily("energyd.node.emissions", .counter, .grams, "CO2 equivalent of the node's energy.") {
                exposition, out in
                if let grams = exposition.snapshot.node.emissionsGrams { out.add(.real(grams)) }
            },
            MetricFamily("energyd.node.cpu.time", .counter, .seconds, "CPU time used on the node.") {
                exposition, out in
                out.add(.real(exposition.snapshot.node.cpuSeconds))
            },
            MetricFamily(
                "energyd.node.part.emissions", .counter, .grams, "CO2 equivalent of the node's energy, by part.",
                attributes: ["part"]
            ) { exposition, out in
                for part in exposition.parts {
                    if let grams = part.grams { out.add(part.name, .real(grams)) }
                }
            },
            MetricFamily(
                "energyd.node.part.cpu.time", .counter, .seconds, "CPU time used on the node, by part.",
                attributes: ["part"]
            ) { exposition, out in
                for part in exposition.parts {
                    if let seconds = part.cpuSeconds { out.add(part.name, .real(seconds)) }
                }
            },
            MetricFamily("energyd.node.cpus", .gauge, .count("cpu"), "Logical CPUs online.") { exposition, out in
                out.add(.integer(UInt64(max(0, exposition.snapshot.node.cpuCount))))
            },
            MetricFamily(boundaryInfo) { exposition, out in
                let node = exposition.snapshot.node
                guard !node.zones.isEmpty else { return }
                out.add(AttributeSet(names: boundaryInfo.attributes, values: boundary(node)), .integer(1))
            },
            MetricFamily(
                "energyd.node", .info, .none, "The node's name and CPU.",
                attributes: ["k8s.node.name", "host.cpu.model.name"]
            ) { exposition, out in
                out.add(exposition.snapshot.node.name, exposition.snapshot.node.cpuModel, .integer(1))
            },
        ])

    static let carbon = Collector(
        level: .node,
        families: [
            MetricFamily(
                "energyd.carbon.intensity", .gauge, .gramsPerKilowattHour,
                "Carbon intensity of the node's electricity, as CO2 equivalent."
            ) { exposition, out in out.add(.real(exposition.snapshot.carbon.intensityGramsPerKilowattHour)) },
            MetricFamily(
                "energyd.carbon.pue", .gauge, .ratio, "Power usage effectiveness that emissions are multiplied by."
            ) { exposition, out in out.add(.real(exposition.snapshot.carbon.pue)) },
            MetricFamily(carbonInfo) { exposition, out in
                let carbon = exposition.snapshot.carbon
                // The agent knows of no embodied emissions: what it counts is electricity.
                let values = [
                    carbon.source, carbon.quality ?? "", carbon.factorType ?? "", carbon.factorScope ?? "",
                    "operational",
                ]
                out.add(AttributeSet(names: carbonInfo.attributes, values: values), .integer(1))
            },
        ])

    private static let carbonInfo = Metric(
        "energyd.carbon", .info, .none,
        "Where the carbon intensity comes from, what kind of figure it is, and what emissions include: those of "
            + "electricity (operational), not of making the hardware.",
        attributes: ["source", "quality", "factor.type", "factor.scope", "emissions.boundary"])

    /// What the energy of the node is that of: without it, figures of two nodes cannot be compared.
    private static let boundaryInfo = Metric(
        "energyd.node.boundary", .info, .none,
        "What the node's energy includes: all that enters it (inlet), what the processor's own meter sees (platform), or "
            + "its packages and memory alone (components); by which meter, and how good the figure is.",
        attributes: ["energy.boundary", "source", "quality"])

    private static func boundary(_ node: Snapshot.Node) -> [String] {
        if let meter = node.meter { return [meter.isInlet ? "inlet" : "platform", meter.source, meter.quality] }
        // The sum is worth what its worst part is.
        let qualities = ["measured", "modelled", "estimated"]
        let worst = node.zones.compactMap { qualities.firstIndex(of: $0.quality) }.max()
        return [
            "components", Set(node.zones.map(\.source)).sorted().joined(separator: ","),
            worst.map { qualities[$0] } ?? "",
        ]
    }

    /// The proof that nothing was lost.
    static let conservation = Collector(
        level: nil,
        families: [
            MetricFamily(
                "energyd.conservation.error", .gauge, .joules,
                "Energy of the zone minus all energy that was attributed; anything but 0 is a defect.",
                attributes: ["zone"]
            ) { exposition, out in
                let errors = exposition.snapshot.conservationErrors(exposition.parts)
                for (zone, error) in zip(exposition.zones, errors) { out.add(zone, .real(Double(error) / 1e6)) }
            }
        ])
}
