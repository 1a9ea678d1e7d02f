internal import Formatting
internal import Snapshot
internal import Terminal

/// The report for people.
package enum RunTable {
    /// Of a command: the figures of its one run, or the statistics of several.
    package static func lines(_ command: MeasuredCommand, _ context: RunContext) -> [String] {
        guard let last = command.runs.last else { return [] }
        let title = "\(command.words.joined(separator: " ").printable().prefix(200))"
        let body =
            command.runs.count == 1
            ? single(last, context) : statistics(command, context)
        return ["", " Energy of: \(title)", ""] + body + notes(command, context)
    }

    // MARK: One run

    private static func single(_ run: RunFigures, _ context: RunContext) -> [String] {
        var rows = run.zones.map { name, zone in [name, Quantity.joules(joules(zone)), meter(zone)] }
        if run.joules == nil { rows.append(["energy", Format.unknown, "no power of this machine is known"]) }
        if let joules = run.joules {
            rows.append(["energy", Quantity.joules(joules), split(run)])
            rows.append([
                "power", Quantity.watts(run.averageWatts),
                run.peakWatts.map { "mean; peak \(Quantity.watts($0)), the largest mean between two ticks" }
                    ?? "mean; no peak is known of so short a run",
            ])
        }
        if let idle = idle(run) {
            rows.append(["idle", Quantity.joules(idle), "what the machine draws at rest in this time; not included"])
        }
        rows.append(["CPU time", Quantity.seconds(run.cpuSeconds), ""])
        rows.append(["wall time", Quantity.seconds(run.wallSeconds), ""])
        return aligned(rows + impact(run.emissionsGrams, run.joules, context) + worth(run))
    }

    private static func joules(_ zone: RunFigures.Zone) -> Double { Double(zone.microjoules) / 1e6 }

    /// `rapl, measured`, and what else the figure rests on where that is worth less.
    private static func meter(_ zone: RunFigures.Zone) -> String {
        let source = zone.source.printable()
        return zone.quality == zone.meterQuality
            ? "\(source), \(zone.quality)"
            : "\(source), \(zone.meterQuality); the split from idle power is \(zone.quality)"
    }

    private static func split(_ run: RunFigures) -> String {
        let fixed = run.zones.values.reduce(0) { $0 + Double($1.staticMicrojoules) } / 1e6
        let dynamic = run.zones.values.reduce(0) { $0 + Double($1.dynamicMicrojoules) } / 1e6
        return "dynamic \(Quantity.joules(dynamic)), static \(Quantity.joules(fixed))"
    }

    /// nil unless it is known of every zone that has a share of the energy.
    private static func idle(_ run: RunFigures) -> Double? {
        let known = run.zones.values.compactMap(\.idleMicrojoules)
        return known.isEmpty ? nil : known.reduce(0) { $0 + Double($1) } / 1e6
    }

    // MARK: Several runs

    private static func statistics(_ command: MeasuredCommand, _ context: RunContext) -> [String] {
        func row(_ name: String, _ values: [Double]?, _ text: (Double?) -> String, _ remark: String = "") -> [String] {
            guard let sample = values.flatMap(SampleStatistics.init) else {
                return [name, Format.unknown, Format.unknown, Format.unknown, remark]
            }
            return [
                name, text(sample.mean), text(sample.deviation), interval(sample.low, sample.high, text), remark,
            ]
        }
        var rows = [["\(command.runs.count) runs", "mean", "deviation", "95 % interval", ""]]
        for name in command.zones {
            rows.append(
                row(
                    name, command.values { $0.zones[name].map { Self.joules($0) } }, Quantity.joules,
                    command.runs.last?.zones[name].map(meter) ?? ""))
        }
        rows.append(row("energy", command.values(\.joules), Quantity.joules))
        rows.append(row("power", command.values(\.averageWatts), Quantity.watts, "mean of each run"))
        rows.append(row("CPU time", command.values(\.cpuSeconds), Quantity.seconds))
        rows.append(row("wall time", command.values(\.wallSeconds), Quantity.seconds))
        let grams = command.values(\.emissionsGrams).flatMap(SampleStatistics.init)?.mean
        let joules = command.values(\.joules).flatMap(SampleStatistics.init)?.mean
        rows += impact(grams, joules, context).map { [$0[0], $0[1], "", "", $0[2]] }
        return aligned(rows) + aligned(command.runs.last.map(worth) ?? [])
    }

    static func interval(_ low: Double?, _ high: Double?, _ text: (Double?) -> String) -> String {
        guard low != nil, high != nil else { return Format.unknown }
        return "\(text(low)) to \(text(high))"
    }

    // MARK: Both

    private static func impact(_ grams: Double?, _ joules: Double?, _ context: RunContext) -> [[String]] {
        var rows: [[String]] = []
        if let grams, let carbon = context.carbon {
            let factor = Format.quantity(carbon.intensityGramsPerKilowattHour)
            rows.append([
                "emissions", Quantity.grams(grams),
                "\(factor) gCO2e/kWh (\(carbon.source.printable())), PUE \(Format.fixed(carbon.pue, digits: 2))",
            ])
        }
        if let price = context.price, let cost = context.cost(ofJoules: joules) {
            let unit = price.currency.map { " \($0)" } ?? ""
            rows.append([
                "cost", Quantity.money(cost, price.currency),
                "at \(Quantity.money(price.perKilowattHour, nil))\(unit)/kWh",
            ])
        }
        return rows
    }

    private static func worth(_ run: RunFigures) -> [[String]] {
        let parts = run.shares.map { "\(Quantity.percent($0.share)) \($0.quality)" }
        return parts.isEmpty ? [] : [["quality", "", parts.joined(separator: ", ")]]
    }

    private static func notes(_ command: MeasuredCommand, _ context: RunContext) -> [String] {
        var lines = ["", " measured by \(context.measuredBy.printable())"]
        let left = command.runs.map(\.processesLeft).max() ?? 0
        if left > 0 {
            let are = left == 1 ? "1 process still runs" : "\(left) processes still run"
            lines.append(" \(are) that the command left behind; counted until its end")
        }
        return lines + [""]
    }

    /// The first column begins at the left, the last has no end, the others end at the right.
    static func aligned(_ rows: [[String]]) -> [String] {
        guard let count = rows.map(\.count).max() else { return [] }
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        func blanks(_ number: Int) -> String { String(repeating: " ", count: max(0, number)) }
        return rows.map { row in
            var line = " "
            for (column, text) in row.enumerated() {
                let missing = blanks(widths[column] - text.count)
                line += column == 0 ? text + missing : column == row.count - 1 ? "   " + text : "   " + missing + text
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
