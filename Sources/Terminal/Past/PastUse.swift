package import History
internal import Snapshot

/// What an agent remembers of the time before the view: its answers, and what the view makes of them.
package struct PastUse: Sendable {
    /// Of a day that counts for what is usual, at least this much of the hour was measured, s.
    private static let leastMeasured = 1800.0
    /// What fewer days had is not called usual.
    private static let leastDays = 2

    /// What an hour of the day usually takes.
    struct Usual: Equatable {
        /// Mean power, W.
        var watts: Double
        /// Days that the mean is of.
        var days: Int
    }

    /// What was used since midnight.
    struct Today: Equatable {
        /// s; how much of the time was measured.
        var seconds: Double
        var joules: Double
        /// Nil where the intensity was not known.
        var grams: Double?
    }

    /// Mean powers of the last 24 hours.
    struct Day: Equatable {
        /// W, for each hour; nil where nothing was measured.
        var powers: [Double?]
        /// What the figures are of, where that is more than the row: `web-*`, the pods of a Deployment.
        var name: String?
    }

    private var answers: [PastSpan: HistoryAnswer] = [:]

    /// The steps of ``PastSpan/day`` by row.
    private var days: [PastRow: [Double?]] = [:]

    package init() {}

    package var isEmpty: Bool { answers.isEmpty }

    package mutating func add(_ answer: HistoryAnswer, of span: PastSpan) {
        // Without a zone there was neither a meter nor a model: unknown is not zero.
        guard !answer.zones.isEmpty, answer.seconds > 0 else { return }
        answers[span] = answer
        if span == .day { days = Self.powers(answer) { _ in true } }
    }

    /// Points that go before the first reading, by the id of a row.
    func points(_ snapshot: Snapshot) -> [String: [PowerSeries.Point]] {
        guard let answer = answers[.recent] else { return [:] }
        let rows = PastRow.byID(snapshot)
        let wanted = Set(rows.values)
        let powers = Self.powers(answer) { wanted.contains($0) }
        return rows.compactMapValues { row in
            guard let powers = powers[row] else { return nil }
            return zip(answer.steps, powers).compactMap { step, watts in
                watts.map { watts in
                    PowerSeries.Point(
                        time: Double(step.start) + 60, watts: watts, cpus: nil,
                        figures: Figures(joules: nil, cpuSeconds: nil, grams: nil, window: 60))
                }
            }
        }
    }

    /// W of each step, by row; nil where nothing was measured.
    private static func powers(_ answer: HistoryAnswer, isWanted: (PastRow) -> Bool) -> [PastRow: [Double?]] {
        var joules: [PastRow: [Double]] = [:]
        for (place, row) in answer.rows.enumerated() {
            for key in PastRow.all(of: row.workload) where isWanted(key) {
                var sums = joules[key] ?? [Double](repeating: 0, count: answer.steps.count)
                for (index, step) in answer.steps.enumerated() where place < step.microjoules.count {
                    sums[index] += Double(step.microjoules[place]) / 1e6
                }
                joules[key] = sums
            }
        }
        return joules.mapValues { sums in
            zip(answer.steps, sums).map { step, joules in step.seconds > 0 ? joules / step.seconds : nil }
        }
    }

    /// What this hour of the day took in the last days; nil where there are too few of them.
    var usual: Usual? {
        guard let answer = answers[.sameHour] else { return nil }
        let first = answer.since
        let hours = answer.steps.filter { ($0.start - first) % 86_400 == 0 && $0.seconds >= Self.leastMeasured }
        guard hours.count >= Self.leastDays else { return nil }
        let joules = hours.reduce(0) { $0 + $1.microjoules.reduce(0) { $0 + Double($1) } / 1e6 }
        return Usual(watts: joules / hours.reduce(0) { $0 + $1.seconds }, days: hours.count)
    }

    var today: Today? {
        guard let answer = answers[.today] else { return nil }
        let micrograms = answer.rows.compactMap(\.usage.emissionsMicrograms)
        return Today(
            seconds: answer.seconds, joules: Double(answer.microjoules) / 1e6,
            grams: micrograms.isEmpty ? nil : micrograms.reduce(0) { $0 + Double($1) } / 1e6)
    }

    /// The last 24 hours of a row of `snapshot`; nil where nothing of it is known.
    func day(of row: Row, in snapshot: Snapshot) -> Day? {
        let workload = snapshot.workloads.first { $0.id == row.id }
        let pod = snapshot.workloads.first { $0.kind == "pod" && $0.id == workload?.parentId }
        let key = workload.flatMap { PastRow($0, in: pod, isLasting: true) } ?? PastRow.byID(snapshot)[row.id]
        guard let key, let powers = days[key], powers.contains(where: { $0 != nil }) else { return nil }
        return Day(powers: powers, name: key.sharedName)
    }
}

extension PastRow {
    /// The name of what hours keep as one; nil where that is the row itself.
    fileprivate var sharedName: String? {
        switch self {
        case .pod(_, let name), .container(_, let name?, _), .path(let name): name.contains("*") ? name : nil
        default: nil
        }
    }
}
