internal import Formatting

/// What a report must not show, for budgets in scripts: `total kwh > 10`, `shop/Deployment/web g >= 500`, `any share > 50%`.
package struct ReportCondition: Sendable, Equatable {
    package enum Figure: String, CaseIterable, Sendable {
        case kwh, wh, joules, g, kg, cost, share, measured, cpu, change
    }

    package enum Comparison: String, CaseIterable, Sendable {
        case atLeast = ">=", atMost = "<=", above = ">", below = "<"
    }

    package let text: String
    /// `total`, `any`, or the name of a row.
    package let subject: String
    package let figure: Figure
    package let comparison: Comparison
    package let limit: Double

    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads `SUBJECT FIGURE COMPARISON NUMBER`; without a subject the total is meant.
    package init(_ text: String) throws(Refusal) {
        let example = "write SUBJECT FIGURE COMPARISON NUMBER, such as 'total kwh > 10' or 'any share > 50%'"
        guard let comparison = Comparison.allCases.first(where: { text.contains($0.rawValue) }),
            let place = text.firstRange(of: comparison.rawValue)
        else { throw Refusal(description: "there is no comparison in it: \(example)") }
        var words = text[..<place.lowerBound].split(separator: " ").map(String.init)
        guard let name = words.popLast()?.lowercased(), let figure = Figure(rawValue: name) else {
            let names = Figure.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(description: "before the comparison stands one of \(names): \(example)")
        }
        var number = text[place.upperBound...].filter { $0 != " " }
        let isPercent = number.hasSuffix("%")
        if isPercent { number.removeLast() }
        guard let limit = Double(number), limit.isFinite else {
            throw Refusal(description: "after the comparison stands a number: \(example)")
        }
        let isShare = [.share, .measured, .change].contains(figure)
        guard !isPercent || isShare else { throw Refusal(description: "\(name) is no share: leave out the %") }
        self.text = text
        subject = words.isEmpty ? "total" : words.joined(separator: " ")
        (self.figure, self.comparison) = (figure, comparison)
        self.limit = isPercent ? limit / 100 : limit
    }

    /// What of a report the condition holds for, each with the figure; empty where it does not hold, or what it is about is
    /// not known.
    package func findings(in report: Report) -> [String] {
        var subjects: [(String, Double?)] = []
        if subject == "total" {
            let change = report.previous.flatMap { Self.change(report.total.microjoules, $0.microjoules) }
            subjects = [("total", value(report.total, share: 1, change: change))]
        } else {
            subjects = report.rows.filter { subject == "any" ? $0.kind == "workload" : $0.name == subject }.map { row in
                let change = row.previousMicrojoules.flatMap { Self.change(row.figures.microjoules, $0) }
                return (row.name, value(row.figures, share: row.share, change: change))
            }
        }
        return subjects.compactMap { name, value in
            guard let value, holds(value) else { return nil }
            return
                "\(name.printable()): \(figure.rawValue) \(Amount.short(value)) \(comparison.rawValue) \(Amount.short(limit))"
        }
    }

    private static func change(_ now: Int64, _ before: Int64) -> Double? {
        before > 0 ? Double(now - before) / Double(before) : nil
    }

    private func holds(_ value: Double) -> Bool {
        switch comparison {
        case .atLeast: value >= limit
        case .atMost: value <= limit
        case .above: value > limit
        case .below: value < limit
        }
    }

    private func value(_ figures: ReportFigures, share: Double?, change: Double?) -> Double? {
        switch figure {
        case .kwh: figures.kilowattHours
        case .wh: figures.kilowattHours * 1000
        case .joules: Double(figures.microjoules) / 1e6
        case .g: figures.grams
        case .kg: figures.grams.map { $0 / 1000 }
        case .cost: figures.cost
        case .share: share
        case .measured: figures.measuredShare
        case .cpu: Double(figures.cpuMicroseconds) / 3.6e9
        case .change: change
        }
    }
}
