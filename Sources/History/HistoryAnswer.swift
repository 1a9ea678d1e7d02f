/// What was used in a span of time, by workload: sums of the periods that lie in it.
package struct HistoryAnswer: Sendable, Equatable, Codable {
    /// Factors that were in force, and the node's energy under them.
    package struct Applied: Sendable, Equatable, Codable {
        package var factors: HistoryFactors
        package var microjoules: Int64

        package init(factors: HistoryFactors, microjoules: Int64) {
            self.factors = factors
            self.microjoules = microjoules
        }
    }

    package struct Row: Sendable, Equatable, Codable {
        package var workload: HistoryWorkload
        /// Its energy is in the order of ``HistoryAnswer/zones``.
        package var usage: HistoryUsage

        package init(workload: HistoryWorkload, usage: HistoryUsage) {
            self.workload = workload
            self.usage = usage
        }
    }

    /// Energy over time.
    package struct Step: Sendable, Equatable, Codable {
        /// Unix time, s.
        package var start: Int64
        /// How much of it was measured, s.
        package var seconds: Double
        /// For each row, uJ.
        package var microjoules: [Int64]

        package init(start: Int64, seconds: Double, microjoules: [Int64]) {
            self.start = start
            self.seconds = seconds
            self.microjoules = microjoules
        }
    }

    /// Name of the node; nil where it was not asked for.
    package var node: String?
    /// The span that was asked for, Unix time, s: the first second, and the first that is not in it.
    package var since: Int64
    package var until: Int64
    /// Beginning of the first period in it and end of the last one, Unix time, s; nil where there is none.
    package var first: Int64?
    package var last: Int64?
    /// How much of the span was measured, s.
    package var seconds: Double = 0
    /// True where the span begins or ends within an hour whose minutes are gone: the whole hour is in the sums then.
    package var isWidened = false
    package var zones: [HistoryZone] = []
    package var applied: [Applied] = []
    package var rows: [Row] = []
    /// Empty unless asked for.
    package var steps: [Step] = []

    package init(since: Int64, until: Int64) {
        self.since = since
        self.until = until
    }

    /// Energy of everything, uJ.
    package var microjoules: Int64 { rows.reduce(0) { $0 + $1.usage.energy.reduce(0) { $0 + $1.sum } } }

    /// Adds the answer of a span that follows this one at a whole hour.
    package mutating func append(_ next: HistoryAnswer) {
        until = next.until
        first = first ?? next.first
        last = next.last ?? last
        seconds += next.seconds
        isWidened = isWidened || next.isWidened
        let places = next.zones.map { zone in
            if let place = zones.firstIndex(of: zone) { return place }
            zones.append(zone)
            for row in rows.indices { rows[row].usage.energy.append(HistoryEnergy()) }
            return zones.count - 1
        }
        for more in next.applied {
            if let index = applied.firstIndex(where: { $0.factors == more.factors }) {
                applied[index].microjoules += more.microjoules
            } else {
                applied.append(more)
            }
        }
        var known = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1.workload, $0) })
        var rowPlaces: [Int] = []
        for row in next.rows {
            var usage = HistoryUsage(zones: zones.count)
            usage.cpuMicroseconds = row.usage.cpuMicroseconds
            (usage.emissionsMicrograms, usage.costNanos) = (row.usage.emissionsMicrograms, row.usage.costNanos)
            for (place, energy) in zip(places, row.usage.energy) { usage.energy[place] += energy }
            if let index = known[row.workload] {
                rows[index].usage += usage
                rowPlaces.append(index)
            } else {
                known[row.workload] = rows.count
                rowPlaces.append(rows.count)
                rows.append(Row(workload: row.workload, usage: usage))
            }
        }
        for step in next.steps {
            var amounts = [Int64](repeating: 0, count: rows.count)
            for (place, amount) in zip(rowPlaces, step.microjoules) { amounts[place] += amount }
            if let index = steps.firstIndex(where: { $0.start == step.start }) {
                steps[index].seconds += step.seconds
                steps[index].add(amounts)
            } else {
                steps.append(Step(start: step.start, seconds: step.seconds, microjoules: amounts))
            }
        }
        for index in steps.indices { steps[index].add([Int64](repeating: 0, count: rows.count)) }
    }
}

extension HistoryAnswer.Step {
    /// Of at least as many rows.
    fileprivate mutating func add(_ amounts: [Int64]) {
        if microjoules.count < amounts.count {
            microjoules += [Int64](repeating: 0, count: amounts.count - microjoules.count)
        }
        for (index, amount) in amounts.enumerated() { microjoules[index] += amount }
    }
}
