internal import Snapshot

/// Kepler's zones of a node, each of which stands for zones of ours. Ours are components and add up to the node
/// (`package-0`, `package-1`, `dram-0`, `platform`: the rest); Kepler's are kinds of component, and some include others.
struct KeplerZones {
    struct Zone {
        let name: String
        /// The meter.
        let source: String
        /// Places of ours that it covers, in ``Snapshot/Node/zones``.
        let places: [Int]
        /// True for that of the whole node, which includes all others.
        var isWhole = false
    }

    /// The energy of one workload or process.
    struct Amounts {
        /// In the order of ``KeplerZones/all``.
        let byZone: [Snapshot.ZoneEnergy]
        /// Of all zones of the node, which those of Kepler need not cover.
        let all: Snapshot.ZoneEnergy

        /// Of its power only the sum is known: it is divided as its energy was. The dynamic part, by zone.
        func divide(_ watts: Double?) -> [Double]? {
            guard let watts else { return nil }
            let sum = Double(all.dynamicMicrojoules) + Double(all.staticMicrojoules)
            return byZone.map { sum > 0 ? watts * (Double($0.dynamicMicrojoules) / sum) : 0 }
        }
    }

    let all: [Zone]
    private var order: NameOrder

    /// - Parameters:
    ///   - rest: Kepler's name of what the node draws beyond its components; nil where it has none.
    ///   - whole: Kepler's name of the whole node, where a meter shows it; nil where it has none.
    init(_ node: Snapshot.Node, rest: String?, whole: String?) {
        var zones: [Zone] = []
        for (place, zone) in node.zones.enumerated() {
            guard let name = zone.name == "platform" ? rest : Self.kind(of: zone.name) else { continue }
            if let index = zones.firstIndex(where: { $0.name == name }) {
                zones[index] = Zone(name: name, source: zones[index].source, places: zones[index].places + [place])
            } else {
                zones.append(Zone(name: name, source: zone.source, places: [place]))
            }
        }
        if let whole, let meter = node.meter {
            zones.append(Zone(name: whole, source: meter.source, places: Array(node.zones.indices), isWhole: true))
        }
        all = zones
        order = NameOrder(node.zones.map(\.name))
    }

    /// The same, one for each component.
    var components: [Zone] {
        all.flatMap { zone in
            zone.isWhole
                ? [zone] : zone.places.map { Zone(name: zone.name, source: zone.source, places: [$0]) }
        }
    }

    /// `package-0` is a `package`, and so is `package-1`.
    static func kind(of zone: String) -> String {
        guard let dash = zone.lastIndex(of: "-"), Int(zone[zone.index(after: dash)...]) != nil else { return zone }
        return String(zone[..<dash])
    }

    /// Those of a workload or process.
    mutating func amounts(_ zones: NamedValues<Snapshot.ZoneEnergy>) -> Amounts {
        let places = order.places(in: zones.names)
        func sum(_ wanted: some Sequence<Int>) -> Snapshot.ZoneEnergy {
            var sum = Snapshot.ZoneEnergy(dynamicMicrojoules: 0, staticMicrojoules: 0)
            for zone in wanted {
                guard let place = places[zone] else { continue }
                sum.dynamicMicrojoules += zones.values[place].dynamicMicrojoules
                sum.staticMicrojoules += zones.values[place].staticMicrojoules
            }
            return sum
        }
        return Amounts(byZone: all.map { sum($0.places) }, all: sum(places.indices))
    }
}
