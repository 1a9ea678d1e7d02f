internal import Snapshot

/// What is emitted: by which grid, today, and by which workloads.
enum CarbonView {
    private static let mostRows = 10
    private static let labelWidth = 16

    static func page(_ snapshot: Snapshot, past: PastUse?, look: Look) -> Page {
        let rates = NodeRates(snapshot)
        return Page(
            title: "Carbon",
            lines: grid(snapshot.carbon, look: look) + node(snapshot, rates, past) + largest(snapshot, rates))
    }

    private static func line(_ name: String, _ text: String, _ style: Style = .plain) -> Line {
        var line = Line("  \(name)", .dim)
        line.pad(to: labelWidth)
        line.append("  \(text)", style)
        return line
    }

    private static func grid(_ carbon: Snapshot.CarbonState, look: Look) -> [Line] {
        let intensity = Format.quantity(carbon.intensityGramsPerKilowattHour)
        var lines = [
            Line("Grid", .bold), line("intensity", "\(intensity) gCO2e/kWh", .bold), line("from", carbon.source),
        ]
        switch carbon.quality {
        case "published": lines.append(line("quality", "published for the node's grid"))
        case "configured": lines.append(line("quality", "configured"))
        case "assumed":
            lines.append(
                line("quality", "assumed: start energyd with --carbon.zone CODE or --carbon.intensity G", .yellow))
        case let other: lines.append(line("quality", other ?? "not reported by this agent"))
        }
        let scope = [
            carbon.factorType.map { "\($0)-based" },
            carbon.factorScope == "lifecycle" ? "building plants included" : nil,
        ].compactMap(\.self)
        if !scope.isEmpty { lines.append(line("counts", scope.joined(separator: ", "))) }
        lines.append(line("PUE", Format.fixed(carbon.pue, digits: 2)))
        lines.append(line("forecast", "none: only the present intensity is known"))
        return lines
    }

    private static func node(_ snapshot: Snapshot, _ rates: NodeRates, _ past: PastUse?) -> [Line] {
        let rate = rates.watts.flatMap(rates.gramsPerHour)
        var lines = [
            Line("Node", .bold),
            line("now", "\(rates.amount(rate)) gCO2e/h at \(Format.watts(rates.watts, isEstimate: rates.isEstimate))"),
        ]
        if let today = past?.today {
            let measured = "\(Format.wattHours(today.joules)) Wh in \(Format.duration(today.seconds)) of recorded time"
            lines.append(line("today", "\(Format.quantity(today.grams)) gCO2e, \(measured)"))
        } else {
            lines.append(line("today", "not known: the agent has no history, or has not answered (--history.path)"))
        }
        lines.append(line("since start", "\(Format.quantity(snapshot.node.emissionsGrams)) gCO2e"))
        return lines
    }

    /// Those without others below them, because parents have the emissions of these.
    private static func largest(_ snapshot: Snapshot, _ rates: NodeRates) -> [Line] {
        let parents = Set(snapshot.workloads.compactMap(\.parentId))
        let rows = snapshot.workloads.lazy.filter {
            $0.isAlive && !parents.contains($0.id) && $0.kind != Fleet.partKind
        }
        .map { Row($0, hasWindow: Rows.hasWindow(snapshot)) }
        .filter { ($0.watts ?? 0) > 0 }
        .sorted { Row.comes($0, before: $1, by: .watts, isReversed: false) }
        guard !rows.isEmpty else { return [] }
        var lines = [Line("Largest, gCO2e/h, share of the node, since the agent started", .bold)]
        for row in rows.prefix(mostRows) {
            let share = rates.share(row).map { "\(Format.percent($0 * 100)) %" } ?? Format.unknown
            var line = Line("  \(Format.aligned(rates.amount(row.watts.flatMap(rates.gramsPerHour))))", .bold)
            line.append("  \(Format.aligned(share, whole: 3, fraction: 3))")
            line.append("  \(Format.aligned(Format.quantity(row.grams))) g")
            line.append("  \(row.path == "/" ? Rows.hostTitle : row.name)")
            line.append(row.place.isEmpty ? "" : "  \(row.place)", .dim)
            lines.append(line)
        }
        return lines
    }
}
