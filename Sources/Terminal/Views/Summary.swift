package import Snapshot

/// The lines above a table: the node, how its power was obtained, and what to know before trusting it.
package enum Summary {
    /// Lines that zones may take before the rest of them is cut.
    private static let zoneLines = 3

    /// In order of importance, the first being the title. `width` is for breaking the list of zones, and notices.
    ///
    /// - Parameter showsNotices: all of them; else one line says how many there are.
    package static func lines(_ snapshot: Snapshot, width: Int?, showsNotices: Bool = false) -> [Line] {
        let notices = snapshot.agent.notices
        let lines = showsNotices ? Notices.all(notices, width: width) : Notices.brief(notices, width: width)
        return [title(snapshot)] + lines + zones(snapshot, width: width)
            + [buckets(snapshot), carbon(snapshot), tier(snapshot)]
    }

    private static func title(_ snapshot: Snapshot) -> Line {
        let node = snapshot.node
        let rates = NodeRates(snapshot)
        let quality = quality(node.zones)
        var line = Line(node.name, .bold)
        let band = band(snapshot)
        line.append("  \(Format.watts(rates.watts, isEstimate: band != nil))", .bold)
        line.append(" \(quality)", style(ofQuality: split(snapshot)))
        if let band { line.append(" (\(Format.estimate(band.low)) to \(Format.estimate(band.high)))") }
        let cpus = Rows.hasWindow(snapshot) ? Format.fixed(CPUUse(snapshot).cpus, digits: 2) : Format.unknown
        line.append("  CPU \(cpus) of \(node.cpuCount)")
        let grams = rates.watts.flatMap(rates.gramsPerHour)
        line.append("  \(band == nil ? Format.quantity(grams) : Format.estimate(grams)) gCO2e/h")
        return line
    }

    /// What the node's power, W, lies between: the sums of the zones' bounds; nil where it is measured as a whole or not
    /// known at all.
    static func band(_ snapshot: Snapshot) -> (low: Double, high: Double)? {
        let rates = NodeRates(snapshot)
        guard rates.isEstimate, rates.watts != nil, snapshot.node.meter == nil else { return nil }
        let zones = snapshot.node.zones.filter(\.isUp)
        return (
            zones.reduce(0) { $0 + ($1.powerLowWatts ?? $1.powerWatts ?? 0) },
            zones.reduce(0) { $0 + ($1.powerHighWatts ?? $1.powerWatts ?? 0) }
        )
    }

    /// One word for all zones that were read.
    package static func quality(_ zones: [Snapshot.ZoneState]) -> String {
        let words = Set(zones.filter(\.isUp).map(\.quality))
        guard let first = words.first else { return zones.isEmpty ? "no meter" : "cannot be read" }
        return words.count == 1 ? first : "partly " + (words.contains("estimated") ? "estimated" : "modelled")
    }

    /// The power may be measured, but what of it workloads drew is a guess where the idle power is one.
    static func split(_ snapshot: Snapshot) -> String {
        let quality = quality(snapshot.node.zones)
        let split = snapshot.node.staticPower?.dynamicQuality ?? quality
        return split == "measured" ? quality : split
    }

    static func style(ofQuality quality: String) -> Style {
        quality == "measured" ? .green : .yellow
    }

    static func zones(_ snapshot: Snapshot, width: Int?) -> [Line] {
        var lines: [Line] = []
        var line = Line()
        let isKnown = Rows.hasWindow(snapshot)
        for zone in snapshot.node.zones {
            let watts = Format.watts(
                isKnown && zone.isUp ? zone.powerWatts : nil, isEstimate: zone.powerLowWatts != nil)
            let state = zone.isUp ? "" : " (cannot be read)"
            // An estimate says so by its quality.
            let source = zone.source == "estimate" && zone.quality == "estimated" ? "" : "\(zone.source) "
            let length = "\(zone.name) \(watts) \(source)\(zone.quality)\(state)".displayWidth
            if line.width > 0, let width, line.width + 2 + length > width {
                lines.append(line)
                line = Line()
            }
            line.append(line.width > 0 ? "  " : "")
            line.append("\(zone.name) ")
            line.append(watts, .bold)
            line.append(" \(source)")
            line.append(zone.quality, style(ofQuality: zone.quality))
            line.append(state, .red)
        }
        return Array((lines + [line]).filter { $0.width > 0 }.prefix(zoneLines))
    }

    static func buckets(_ snapshot: Snapshot) -> Line {
        let node = snapshot.node
        let isKnown = Rows.hasWindow(snapshot) && !node.zones.isEmpty
        let isEstimate = NodeRates(snapshot).isEstimate || isGuess(node.staticPower)
        var line = Line()
        for (name, bucket) in [("idle", node.idle), ("system", node.system), ("unattributed", node.unattributed)] {
            let watts = Format.watts(isKnown ? bucket.powerWatts : nil, isEstimate: isEstimate)
            line.append((line.width > 0 ? "  " : "") + "\(name) \(watts)")
            if name == "idle", isKnown, let state = node.staticPower { line.append(doubt(state), .yellow) }
        }
        return line
    }

    static func isGuess(_ state: Snapshot.StaticPower?) -> Bool {
        state.map { $0.quality == "extrapolated" || $0.quality == "prior" } ?? false
    }

    /// ` (10 to 38), never seen below 0.5 CPU` where the idle power is a guess; where workloads are charged with it, the
    /// bounds are those of all of it.
    static func doubt(_ state: Snapshot.StaticPower) -> String {
        guard isGuess(state) else { return "" }
        let bounds = " (\(Format.estimate(state.lowWatts)) to \(Format.estimate(state.highWatts)))"
        guard let quietest = state.quietestCPUs else { return bounds }
        return bounds + ", never seen below \(Format.estimate(quietest)) CPU"
    }

    private static func carbon(_ snapshot: Snapshot) -> Line {
        let carbon = snapshot.carbon
        let intensity = Format.fixed(carbon.intensityGramsPerKilowattHour, digits: 0)
        let pue = Format.fixed(carbon.pue, digits: 2)
        return Line("intensity \(intensity) gCO2e/kWh (\(carbon.source)), PUE \(pue)")
    }

    static func tier(_ snapshot: Snapshot) -> Line {
        Line("tier \(snapshot.tier): \(snapshot.tierReason)", snapshot.tier == "ebpf" ? .plain : .yellow)
    }
}
