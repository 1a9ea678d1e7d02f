internal import Snapshot

/// The lines above the live table. They answer how much, measured how, against usual, by which grid, at what cost.
enum Header {
    /// Readings over less than this say nothing about what is usual, s.
    private static let leastUsual = 60.0
    private static let trendWidth = 16

    /// In order of importance. A part that does not fit into `width` is left out whole.
    ///
    /// - Parameter rows: of the screen; on a small one the table has them.
    static func lines(
        _ snapshot: Snapshot, timeline: Timeline?, average: String, past: PastUse?, width: Int, rows: Int, look: Look
    ) -> [Line] {
        var lines = [title(snapshot, timeline: timeline, past: past, width: width, look: look)]
        lines += Notices.brief(snapshot.agent.notices, width: width)
        lines.append(second(snapshot, average: average, width: width))
        lines += Summary.zones(snapshot, width: width)
        if Summary.isGuess(snapshot.node.staticPower) || rows >= 30 { lines.append(Summary.buckets(snapshot)) }
        if snapshot.tier != "ebpf" || rows >= 30 { lines.append(Summary.tier(snapshot)) }
        return lines
    }

    private static func title(
        _ snapshot: Snapshot, timeline: Timeline?, past: PastUse?, width: Int, look: Look
    ) -> Line {
        let node = snapshot.node
        let rates = NodeRates(snapshot)
        let quality = Summary.quality(node.zones)
        let band = Summary.band(snapshot)
        var first = Line(node.name, .bold)
        first.append("  \(Format.watts(rates.watts, isEstimate: band != nil))", .bold)
        first.append(" \(quality)", Summary.style(ofQuality: Summary.split(snapshot)))
        let bounds = band.map { " (\(Format.estimate($0.low)) to \(Format.estimate($0.high)))" } ?? ""
        if let sources = Self.sources(node), first.width + 1 + sources.displayWidth + bounds.count <= width {
            first.append(" \(sources)")
        }
        first.append(bounds)
        var parts = [first]
        if let usual = usual(snapshot, timeline: timeline, past: past) { parts.append(usual) }
        if let series = timeline?.series(SeriesID.node), series.count > 1 {
            let powers = series.powers(trendWidth, seconds: Timeline.span / 5, until: snapshot.unixTime)
            parts.append(Line(Trend.text(powers, look: look), .green))
        }
        return fitting(parts, width: width)
    }

    private static func second(_ snapshot: Snapshot, average: String, width: Int) -> Line {
        let rates = NodeRates(snapshot)
        let cpus = Rows.hasWindow(snapshot) ? Format.fixed(CPUUse(snapshot).cpus, digits: 2) : Format.unknown
        let carbon = snapshot.carbon
        let grams = rates.watts.flatMap(rates.gramsPerHour)
        var parts = [
            Line("CPU \(cpus) of \(snapshot.node.cpuCount)"),
            Line("\(Summary.band(snapshot) == nil ? Format.quantity(grams) : Format.estimate(grams)) gCO2e/h"),
        ]
        if let cost = Cost(snapshot), let watts = rates.watts { parts.append(Line(cost.text(watts: watts))) }
        parts.append(Line(average, .cyan))
        let intensity = Format.fixed(carbon.intensityGramsPerKilowattHour, digits: 0)
        let grid = "grid \(intensity) gCO2e/kWh"
        let long = "\(grid) (\(carbon.source)), PUE \(Format.fixed(carbon.pue, digits: 2))"
        let room = width - fitting(parts, width: width).width - 2
        parts.append(Line(long.displayWidth <= room ? long : grid))
        return fitting(parts, width: width)
    }

    /// `parts` with two spaces between them, without those that do not fit; the first is cut instead.
    private static func fitting(_ parts: [Line], width: Int) -> Line {
        var line = parts.first ?? Line()
        for part in parts.dropFirst() where part.width > 0 && line.width + 2 + part.width <= width {
            line.append("  ")
            line.append(part)
        }
        return line
    }

    /// Where the figures come from, in words; nil where there are none.
    private static func sources(_ node: Snapshot.Node) -> String? {
        let words = [
            "rapl": "RAPL", "perf": "RAPL (perf)", "hwmon": "hwmon sensors", "ipmi": "the BMC (IPMI)",
            "redfish": "the BMC (Redfish)", "host": "the host", "model-file": "a model file",
        ]
        var names: [String] = []
        for zone in node.zones where zone.isUp && zone.source != "estimate" {
            let name = words[zone.source] ?? zone.source
            if !names.contains(name) { names.append(name) }
        }
        if let meter = node.meter { names = [words[meter.source] ?? meter.source] }
        let isEstimated = node.zones.contains { $0.isUp && $0.source == "estimate" }
        if names.isEmpty { return isEstimated ? "from CPU model and load" : nil }
        return "by " + names.joined(separator: ", ")
    }

    /// `11 % above usual (52 W at this hour, 5 days)`, else against the mean of what was seen: `(52 W over 4 min)`.
    private static func usual(_ snapshot: Snapshot, timeline: Timeline?, past: PastUse?) -> Line? {
        guard let watts = NodeRates(snapshot).watts else { return nil }
        let usual: Double
        let span: String
        if let known = past?.usual {
            (usual, span) = (known.watts, "at this hour, \(known.days) days")
        } else if let seen = timeline?.series(SeriesID.node)?.usual(until: snapshot.unixTime),
            seen.seconds >= leastUsual
        {
            (usual, span) = (seen.watts, "over \(Format.duration(seen.seconds))")
        } else {
            return nil
        }
        guard usual > 0 else { return nil }
        let percent = ((watts / usual - 1) * 100).rounded()
        let mean = "(\(Format.estimate(usual)) W \(span))"
        guard abs(percent) >= 5 else { return Line("as usual \(mean)") }
        return Line("\(Format.fixed(abs(percent), digits: 0)) % \(percent > 0 ? "above" : "below") usual \(mean)")
    }
}

/// What energy costs.
struct Cost: Equatable {
    /// Of a kWh of the machine: what the building adds (PUE) is paid for too.
    private let perKilowattHour: Double
    /// `EUR`.
    private let currency: String

    /// Nil where the price is not known.
    init?(_ snapshot: Snapshot) {
        guard let price = snapshot.price else { return nil }
        perKilowattHour = price.perKilowattHour * snapshot.carbon.pue
        currency = price.currency
        if !perKilowattHour.isFinite { return nil }
    }

    /// `0.014 EUR/h` at a power of `watts`.
    func text(watts: Double) -> String { "\(amount(watts / 1000 * perKilowattHour)) \(currency)/h" }

    /// Of an energy, J.
    func text(joules: Double) -> String { "\(amount(joules / 3.6e6 * perKilowattHour)) \(currency)" }

    /// With as many digits as a small amount needs not to be nothing.
    private func amount(_ value: Double) -> String {
        switch abs(value) {
        case 0.1...: Format.quantity(value)
        case 0.01...: Format.fixed(value, digits: 3)
        case 0.001...: Format.fixed(value, digits: 4)
        default: value == 0 ? "0" : Format.fixed(value, digits: 6)
        }
    }
}
