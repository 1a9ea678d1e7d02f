internal import Snapshot

extension Collector {
    /// The zones, and the meter of the whole node.
    static let hardware = Collector(
        level: .node,
        families: [
            MetricFamily(
                "hw.energy", .counter, .joules, "Energy of one part of the machine.", attributes: ["hw.id", "hw.type"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    out.add(zone.name, zone.hardware, .millionths(zone.energyMicrojoules))
                }
            },
            MetricFamily(
                "hw.power", .gauge, .watts, "Power of one part of the machine over the last window.",
                attributes: ["hw.id", "hw.type"]
            ) { exposition, out in
                // A power that cannot be read is unknown, not zero.
                for zone in exposition.snapshot.node.zones {
                    if let watts = zone.powerWatts { out.add(zone.name, zone.hardware, .real(watts)) }
                }
            },
            MetricFamily(zoneInfo) { exposition, out in
                for zone in exposition.snapshot.node.zones {
                    let values = [zone.name, zone.source, zone.quality, zone.method ?? "", zone.hardware]
                    out.add(AttributeSet(names: zoneInfo.attributes, values: values), .integer(1))
                }
            },
            MetricFamily(
                "energyd.zone.up", .gauge, .none,
                "1 while the zone can be read; while it is 0 its energy counter does not advance.", attributes: ["zone"]
            ) { exposition, out in
                for zone in exposition.snapshot.node.zones { out.add(zone.name, .flag(zone.isUp)) }
            },
            MetricFamily(
                "hw.host.energy", .counter, .joules,
                "Energy of the whole node, measured at its inlet: the sum of the zones. Only on nodes with such a "
                    + "meter.", attributes: ["hw.id", "source"]
            ) { exposition, out in
                let node = exposition.snapshot.node
                guard let meter = node.meter, meter.isInlet else { return }
                out.add("host", meter.source, .millionths(node.zones.reduce(0) { $0 + $1.energyMicrojoules }))
            },
            MetricFamily(
                "hw.host.power", .gauge, .watts,
                "Power of the whole node over the last window, measured at its inlet.",
                attributes: ["hw.id", "source"]
            ) { exposition, out in
                let node = exposition.snapshot.node
                guard let meter = node.meter, meter.isInlet, let watts = node.powerWatts else { return }
                out.add("host", meter.source, .real(watts))
            },
        ])

    private static let zoneInfo = Metric(
        "energyd.zone", .info, .none, "Source and quality of a zone's energy.",
        attributes: ["zone", "source", "quality", "method", "hw.type"])
}
