package import Telemetry

/// The lines above a table: the node, how its power was obtained, and what to know before trusting it.
package enum Summary {
    /// Lines that zones may take before the rest of them is cut.
    private static let zoneLines = 3

    /// In order of importance, the first being the title. `width` is for breaking the list of zones.
    package static func lines(_ snapshot: Snapshot, width: Int?) -> [Line] {
        [title(snapshot)] + notices(snapshot) + zones(snapshot, width: width)
            + [buckets(snapshot), carbon(snapshot), tier(snapshot)]
    }

    private static func title(_ snapshot: Snapshot) -> Line {
        let node = snapshot.node
        let rates = NodeRates(snapshot)
        let quality = quality(node.zones)
        var line = Line(node.name, .bold)
        line.append("  \(Format.watts(rates.watts))", .bold)
        line.append(" \(quality)", style(ofQuality: quality))
        let cpus = Rows.hasWindow(snapshot) ? Format.fixed(node.cpuUsage, digits: 2) : Format.unknown
        line.append("  CPU \(cpus) of \(node.cpuCount)")
        line.append("  \(Format.quantity(rates.watts.flatMap(rates.gramsPerHour))) gCO2e/h")
        return line
    }

    /// One word for all zones that were read.
    package static func quality(_ zones: [Snapshot.ZoneState]) -> String {
        let words = Set(zones.filter(\.isUp).map(\.quality))
        guard let first = words.first else { return zones.isEmpty ? "no meter" : "cannot be read" }
        return words.count == 1 ? first : "partly " + (words.contains("estimated") ? "estimated" : "modelled")
    }

    private static func style(ofQuality quality: String) -> Style {
        quality == "measured" ? .green : .yellow
    }

    private static func zones(_ snapshot: Snapshot, width: Int?) -> [Line] {
        var lines: [Line] = []
        var line = Line()
        let isKnown = Rows.hasWindow(snapshot)
        for zone in snapshot.node.zones {
            let watts = Format.watts(isKnown && zone.isUp ? zone.powerWatts : nil)
            let state = zone.isUp ? "" : " (cannot be read)"
            let length = "\(zone.name) \(watts) \(zone.source) \(zone.quality)\(state)".count
            if line.count > 0, let width, line.count + 2 + length > width {
                lines.append(line)
                line = Line()
            }
            line.append(line.count > 0 ? "  " : "")
            line.append("\(zone.name) ")
            line.append(watts, .bold)
            line.append(" \(zone.source) ")
            line.append(zone.quality, style(ofQuality: zone.quality))
            line.append(state, .red)
        }
        return Array((lines + [line]).filter { $0.count > 0 }.prefix(zoneLines))
    }

    private static func buckets(_ snapshot: Snapshot) -> Line {
        let node = snapshot.node
        let isKnown = Rows.hasWindow(snapshot)
        var line = Line()
        for (name, bucket) in [("idle", node.idle), ("system", node.system), ("unattributed", node.unattributed)] {
            line.append((line.count > 0 ? "  " : "") + "\(name) \(Format.watts(isKnown ? bucket.powerWatts : nil))")
        }
        return line
    }

    private static func carbon(_ snapshot: Snapshot) -> Line {
        let carbon = snapshot.carbon
        let intensity = Format.fixed(carbon.intensityGramsPerKilowattHour, digits: 0)
        let pue = Format.fixed(carbon.pue, digits: 2)
        return Line("intensity \(intensity) gCO2e/kWh (\(carbon.source)), PUE \(pue)")
    }

    private static func tier(_ snapshot: Snapshot) -> Line {
        Line("tier \(snapshot.tier): \(snapshot.tierReason)", snapshot.tier == "A" ? .plain : .yellow)
    }

    private static func notices(_ snapshot: Snapshot) -> [Line] {
        let notices = snapshot.agent.notices
        guard let first = notices.first else { return [] }
        return [Line("! \(first)" + (notices.count > 1 ? " (and \(notices.count - 1) more)" : ""), .yellow)]
    }
}
