package import History

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
    package init(_ answer: HistoryAnswer, by dimension: ReportDimension, previous: HistoryAnswer? = nil) {
        node = answer.node
        self.dimension = dimension.text
        (since, until, first, last) = (answer.since, answer.until, answer.first, answer.last)
        (measuredSeconds, isWidened) = (answer.seconds, answer.isWidened)
        zones = answer.zones
        applied = answer.applied
        steps = answer.steps.map { Step(start: $0.start, seconds: $0.seconds) }
        let currencies = Set(answer.applied.map(\.factors.currency))
        currency = currencies.count == 1 ? currencies.first ?? nil : nil
        total = Self.total(answer)
        rows = Self.rows(answer, dimension)
        if let previous { compare(with: previous, by: dimension) }
        finish()
    }

    private mutating func compare(with previous: HistoryAnswer, by dimension: ReportDimension) {
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

    private static func rows(_ answer: HistoryAnswer, _ dimension: ReportDimension) -> [Row] {
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

    /// Adds what the emissions would be with other factors.
    package mutating func restate(with factors: HistoryFactors) {
        func micrograms(_ figures: ReportFigures) -> Int64 {
            let grams = figures.kilowattHours * factors.gramsPerKilowattHour * factors.pue
            return Int64((grams * 1e6).rounded())
        }
        for index in rows.indices { rows[index].restatedMicrograms = micrograms(rows[index].figures) }
        restatement = Restatement(factors: factors, emissionsMicrograms: micrograms(total))
        guard let price = factors.pricePerKilowattHour, let currency = factors.currency else { return }
        self.currency = currency
        func nanos(_ figures: ReportFigures) -> Int64 {
            Int64((figures.kilowattHours * factors.pue * price * 1e9).rounded())
        }
        total.costNanos = nanos(total)
        let earlier = previous.map(nanos)
        previous?.costNanos = earlier
        for index in rows.indices { rows[index].figures.costNanos = nanos(rows[index].figures) }
    }
}
