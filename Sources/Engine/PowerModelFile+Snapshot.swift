package import Attribution
package import Snapshot

extension PowerModelFile {
    /// What the agent of this snapshot has learned. Zones of one kind are taken together, for a node without a meter
    /// cannot distinguish its sockets. ``defect`` says whether it is enough.
    package init(_ snapshot: Snapshot) {
        var zones: [Zone] = []
        for (component, hardware) in [("package", "cpu"), ("dram", "memory")] {
            let measured = snapshot.node.zones.filter { zone in
                zone.hardware == hardware && zone.quality == Quality.measured.rawValue && zone.name.hasPrefix(component)
            }
            guard let first = measured.first else { continue }
            var sum = Zone(component: component, staticWatts: 0, curve: first.curve, coefficients: [:])
            sum.staticWatts = measured.reduce(0) { $0 + $1.staticWatts }
            for zone in measured {
                sum.coefficients.merge(zone.attribution?.coefficients ?? [:]) { $0 + $1 }
            }
            for other in measured.dropFirst() {
                // The same windows, so the same loads; one that failed for a while may lack some.
                sum.curve = sum.curve.compactMap { point in
                    guard let match = other.curve.min(by: { Self.distance($0, point) < Self.distance($1, point) }),
                        Self.distance(match, point) < 0.05
                    else { return nil }
                    var point = point
                    point.watts += match.watts
                    point.spreadWatts += match.spreadWatts
                    point.seconds = min(point.seconds, match.seconds)
                    return point
                }
            }
            zones.append(sum)
        }
        self.init(
            cpuModel: snapshot.node.cpuModel, cpuCount: snapshot.node.cpuCount, created: snapshot.timestamp,
            zones: zones)
    }

    private static func distance(_ a: MeasuredCurve.Point, _ b: MeasuredCurve.Point) -> Double {
        abs(a.utilization - b.utilization)
    }
}

extension Snapshot.ZoneState {
    fileprivate var curve: [MeasuredCurve.Point] {
        (loadCurve ?? []).map {
            MeasuredCurve.Point(
                utilization: $0.utilization, watts: $0.watts, spreadWatts: $0.spreadWatts, seconds: $0.seconds)
        }
    }
}
