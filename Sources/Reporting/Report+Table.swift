internal import Formatting
internal import History
internal import Terminal

extension Report {
    /// As text for a terminal or a mail.
    ///
    /// - Parameter limit: rows of workloads at most; those that do not fit are one row then.
    package func table(limit: Int? = nil) -> [String] {
        let columns = columns
        let cells = [columns.map(\.title)] + (shown(limit) + [totalRow]).map { row in columns.map { $0.text(row) } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = heading + [""]
        for (number, row) in cells.enumerated() {
            if number == cells.count - 1 {
                lines.append(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
            }
            let padded = row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return columns[column].isText ? row[column] + blanks : blanks + row[column]
            }
            var line = padded.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
        return lines + [""] + notes
    }

    /// As a table for a page of a wiki or a pull request.
    package func markdown(limit: Int? = nil) -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        func escaped(_ text: String) -> String {
            text.reduce(into: "") { $0 += "\\|[]!*_`".contains($1) ? "\\\($1)" : $1 == "<" ? "&lt;" : String($1) }
        }
        let columns = columns
        var text = "## \(escaped(heading[0]))\n\n"
        text += heading.dropFirst().map { escaped($0) + "\n" }.joined() + "\n"
        text += line(columns.map { $0.title })
        text += line(columns.map { $0.isText ? "---" : "---:" })
        for row in shown(limit) { text += line(columns.map { escaped($0.text(row)) }) }
        text += line(columns.map { "**\(escaped($0.text(totalRow)))**" }) + "\n"
        return text + notes.map { "- \(escaped($0))\n" }.joined()
    }

    /// Rows with those beyond the limit added up.
    func shown(_ limit: Int?) -> [Row] {
        let workloads = rows.filter { $0.kind == "workload" }
        guard let limit, workloads.count > limit else { return rows }
        var rest = Row(name: "\(workloads.count - limit) more", kind: "rest", figures: ReportFigures())
        for row in workloads[limit...] {
            rest.figures += row.figures
            rest.share = row.share.map { (rest.share ?? 0) + $0 }
            rest.previousMicrojoules = row.previousMicrojoules.map { (rest.previousMicrojoules ?? 0) + $0 }
            rest.restatedMicrograms = row.restatedMicrograms.map { (rest.restatedMicrograms ?? 0) + $0 }
        }
        return workloads[..<limit] + [rest] + rows.filter { $0.kind != "workload" }
    }

    /// What the report is about.
    var heading: [String] {
        let span = "\(LocalCalendar.moment(since).text) to \(LocalCalendar.moment(until).text)"
        let zone = LocalCalendar.moment(until).offset
        return ["Energy by \(dimension)" + (node.map { " on \($0.printable())" } ?? ""), "\(span) (UTC\(zone))"]
    }

    /// What must be known to read the figures.
    package var notes: [String] {
        var notes: [String] = []
        if coverage < 0.995 {
            notes.append(
                first == nil
                    ? "nothing was recorded in this time"
                    : "recorded \(Amount.percent(coverage)) of this time: the sums are of that part")
        }
        if isWidened {
            notes.append("minutes of that time are gone: hours at both ends are counted whole")
        }
        let share = Amount.percent(total.measuredShare)
        let meters = Set(zones.map { "\($0.name) by \($0.source), \($0.quality)" }).sorted()
        if !meters.isEmpty {
            notes.append(
                "\(share) of the node's energy was measured by a meter (\(meters.joined(separator: "; ").printable())); "
                    + "MEASURED of a row also counts how it was divided")
        }
        if applied.count > 3 {
            let grams = applied.map(\.factors.gramsPerKilowattHour)
            notes.append(
                "CO2e at \(Amount.short(grams.min() ?? 0)) to \(Amount.short(grams.max() ?? 0)) g/kWh, \(applied.count) "
                    + "factors (\(applied[0].factors.source.printable()))")
        }
        for applied in applied where self.applied.count <= 3 {
            let factors = applied.factors
            let part = total.microjoules > 0 ? Double(applied.microjoules) / Double(total.microjoules) : 0
            let when = self.applied.count > 1 ? " for \(Amount.percent(part)) of the energy" : ""
            notes.append(
                "CO2e at \(Amount.short(factors.gramsPerKilowattHour)) g/kWh (\(factors.source.printable())), PUE "
                    + "\(Format.fixed(factors.pue, digits: 2))\(when)")
        }
        if let restatement, let before = total.emissionsMicrograms {
            let difference = restatement.emissionsMicrograms - before
            notes.append(
                "RESTATED at \(Amount.short(restatement.factors.gramsPerKilowattHour)) g/kWh "
                    + "(\(restatement.factors.source.printable())), PUE "
                    + "\(Format.fixed(restatement.factors.pue, digits: 2)): "
                    + "\(Amount.mass(restatement.emissionsMicrograms)) in place of \(Amount.mass(before)), "
                    + "\(difference > 0 ? "+" : "")\(Amount.mass(difference))")
        }
        if previous != nil { notes.append("CHANGE against the same length of time before") }
        return notes
    }
}

extension Report.Row {
    /// Its name, fit for a terminal.
    var title: String { ["workload", "total"].contains(kind) ? name.printable() : "(\(name))" }
}
