internal import Formatting
package import History
package import Terminal

/// What was used in a span of time and by whom, ready to be shown: rows that add up to the node.
package struct Report: Sendable, Equatable, Codable {
    package struct Row: Sendable, Equatable, Codable {
        package var name: String
        /// `workload`; `other` for all workloads that the dimension says nothing about; `idle`, `system`, `unattributed`,
        /// `unrecorded` for what is no workload's.
        package var kind: String
        package var figures: ReportFigures
        /// Share of the node's energy, 0...1; nil where that is zero.
        package var share: Double?
        /// Energy in the span before, uJ; nil where that was not recorded.
        package var previousMicrojoules: Int64?
        /// Emissions with the factors that the report was asked for, ug.
        package var restatedMicrograms: Int64?
        /// Energy in each step of the report, uJ.
        package var steps: [Int64] = []
    }

    /// A part of the span.
    package struct Step: Sendable, Equatable, Codable {
        /// Unix time, s.
        package var start: Int64
        /// How much of it was measured, s.
        package var seconds: Double
    }

    /// Other factors than those of the time.
    package struct Restatement: Sendable, Equatable, Codable {
        package var factors: HistoryFactors
        /// ug
        package var emissionsMicrograms: Int64
    }

    package var schemaVersion = 1
    package var node: String?
    package var dimension: String
    /// The span that was asked for, and what of it was recorded; Unix time, s.
    package var since: Int64
    package var until: Int64
    package var first: Int64?
    package var last: Int64?
    package var measuredSeconds: Double
    /// True where whole hours stand for parts of them, because their minutes are gone.
    package var isWidened: Bool
    /// What the whole node used. Its energy is measured as far as meters go: nothing is divided.
    package var total: ReportFigures
    /// In the span before; nil where that was not recorded.
    package var previous: ReportFigures?
    /// Largest first; parts of the node that are no workload's come last.
    package var rows: [Row]
    package var steps: [Step]
    package var zones: [HistoryZone]
    package var applied: [HistoryAnswer.Applied]
    /// nil where no price was configured, or several currencies.
    package var currency: String?
    package var restatement: Restatement?

    /// Share of the span that was recorded, 0...1.
    package var coverage: Double {
        until > since ? min(1, measuredSeconds / Double(until - since)) : 0
    }

    /// - Parameters:
    ///   - previous: the span before, of the same length.
    package init(_ answer: HistoryAnswer, by dimension: Grouping, previous: HistoryAnswer? = nil) {
        node = answer.node
        self.dimension = dimension.text
        (since, until, first, last) = (answer.since, answer.until, answer.first, answer.last)
        (measuredSeconds, isWidened) = (answer.seconds, answer.isWidened)
        zones = answer.zones
        applied = answer.applied
        steps = answer.steps.map { Step(start: $0.start, seconds: $0.seconds) }
        let currencies = Set(answer.applied.map(\.factors.currency))
        currency = currencies.count == 1 ? currencies.first??.printable() : nil
        total = Self.total(answer)
        rows = Self.rows(answer, dimension)
        if let previous { compare(with: previous, by: dimension) }
        finish()
    }

    private mutating func compare(with previous: HistoryAnswer, by dimension: Grouping) {
        // Of less than half a span there is nothing to compare with.
        guard previous.seconds >= Double(previous.until - previous.since) / 2 else { return }
        self.previous = Self.total(previous)
        let before = Dictionary(
            Self.rows(previous, dimension).map { ([$0.kind, $0.name], $0.figures.microjoules) }
        ) { $0 + $1 }
        for index in rows.indices {
            rows[index].previousMicrojoules = before[[rows[index].kind, rows[index].name]] ?? 0
        }
    }

    private mutating func finish() {
        let whole = total.microjoules
        for index in rows.indices where whole > 0 {
            rows[index].share = Double(rows[index].figures.microjoules) / Double(whole)
        }
        if currency == nil {
            total.costNanos = nil
            previous?.costNanos = nil
            for index in rows.indices { rows[index].figures.costNanos = nil }
        }
    }

    private static func total(_ answer: HistoryAnswer) -> ReportFigures {
        answer.rows.reduce(into: ReportFigures()) {
            $0 += ReportFigures($1.usage, zones: answer.zones, isDivided: false)
        }
    }

    private static func rows(_ answer: HistoryAnswer, _ dimension: Grouping) -> [Row] {
        var places: [[String]: Int] = [:]
        var rows: [Row] = []
        for (index, row) in answer.rows.enumerated() {
            let part = row.workload.part?.rawValue
            let name = part ?? dimension.name(of: row.workload)
            let kind = part ?? (name == nil ? "other" : "workload")
            let title = name ?? "other workloads"
            let place = places[[kind, title]] ?? rows.count
            if place == rows.count {
                places[[kind, title]] = place
                rows.append(
                    Row(
                        name: title, kind: kind, figures: ReportFigures(),
                        steps: [Int64](repeating: 0, count: answer.steps.count)))
            }
            rows[place].figures += ReportFigures(row.usage, zones: answer.zones, isDivided: true)
            for (step, amounts) in answer.steps.enumerated() { rows[place].steps[step] += amounts.microjoules[index] }
        }
        let order = ["workload", "other", "system", "idle", "unattributed", "unrecorded"]
        return rows.sorted { a, b in
            let (left, right) = (order.firstIndex(of: a.kind) ?? 0, order.firstIndex(of: b.kind) ?? 0)
            if left != right { return left < right }
            return (-a.figures.microjoules, a.name) < (-b.figures.microjoules, b.name)
        }
    }

    /// Adds what the energy would have emitted and cost with other factors. What is not given stays as it was at the time.
    ///
    /// - Parameters:
    ///   - intensity: gCO2e per kWh, and where the figure comes from.
    ///   - price: of a kWh, and its currency.
    package mutating func restate(
        intensity: (grams: Double, source: String)? = nil, pue: Double? = nil,
        price: (perKilowattHour: Double, currency: String)? = nil
    ) {
        let meanPUE = mean(\.pue) ?? 1
        let ratio = pue.map { $0 / meanPUE }
        if intensity != nil || pue != nil {
            func micrograms(_ figures: ReportFigures) -> Int64? {
                guard let intensity else {
                    return figures.emissionsMicrograms.map { rounded(Double($0) * (ratio ?? 1)) }
                }
                return rounded(figures.kilowattHours * intensity.grams * (pue ?? meanPUE) * 1e6)
            }
            for index in rows.indices { rows[index].restatedMicrograms = micrograms(rows[index].figures) }
            let factors = HistoryFactors(
                gramsPerKilowattHour: intensity?.grams ?? mean(\.gramsPerKilowattHour) ?? 0, pue: pue ?? meanPUE,
                source: intensity?.source ?? "as it was at the time")
            restatement = micrograms(total).map { Restatement(factors: factors, emissionsMicrograms: $0) }
        }
        if let price { currency = price.currency }
        guard price != nil || (pue != nil && currency != nil) else { return }
        func nanos(_ figures: ReportFigures) -> Int64? {
            guard let price else { return figures.costNanos.map { rounded(Double($0) * (ratio ?? 1)) } }
            return rounded(figures.kilowattHours * (pue ?? meanPUE) * price.perKilowattHour * 1e9)
        }
        total.costNanos = nanos(total)
        let earlier = previous.map(nanos)
        previous?.costNanos = earlier ?? nil
        for index in rows.indices { rows[index].figures.costNanos = nanos(rows[index].figures) }
    }

    /// Of the factors that were in force, by the energy under each; nil without any.
    private func mean(_ value: (HistoryFactors) -> Double) -> Double? {
        let weights = applied.map { max(0, Double($0.microjoules)) }
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return applied.last.map { value($0.factors) } }
        return zip(applied, weights).reduce(0) { $0 + value($1.0.factors) * $1.1 } / sum
    }

    private func rounded(_ value: Double) -> Int64 {
        value.isFinite ? Int64(max(-9e18, min(value.rounded(), 9e18))) : 0
    }
}
