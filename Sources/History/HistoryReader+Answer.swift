extension HistoryReader {
    /// A period that is part of a span.
    private struct Chosen {
        var id: Int64
        var start: Int64
        var length: Int64
        var seconds: Double
        /// Which step it is in; nil where there are none.
        var step: Int?
    }

    /// What a workload used in them.
    private struct Sum {
        var usage: HistoryUsage
        /// uJ.
        var steps: [Int64]

        mutating func add(_ energy: HistoryEnergy, zone: Int, step: Int?) {
            usage.energy[zone] += energy
            if let step { steps[step] = steps[step].adding(energy.sum) }
        }
    }

    /// What was used from `since` until just before `until`, Unix time, s.
    ///
    /// Whole hours come from sums, what remains at both ends from minutes; where those are gone, the hour counts whole.
    ///
    /// - Parameters:
    ///   - boundaries: where the steps of the answer begin, in ascending order; empty for no steps.
    ///   - most: figures that the answer may have: 16 for a workload, two for each of its zones, and one for each of its
    ///     steps. The memory that the reading takes is bounded with them.
    package func answer(
        since: Int64, until: Int64, boundaries: [Int64] = [], most: Int = 50_000_000
    ) throws(HistoryError) -> HistoryAnswer {
        do {
            // One state of the store, while the agent keeps writing.
            try database.execute("BEGIN")
            defer { try? database.execute("COMMIT") }
            var answer = HistoryAnswer(since: since, until: until)
            let periods = try periods(since: since, until: until, boundaries)
            describe(periods, in: &answer)
            try readFactors(of: periods, &answer)
            try readRows(of: periods, boundaries, most: most, &answer)
            return answer
        } catch let error as SQLiteError {
            throw HistoryError(error)
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError(.other, "\(error)")
        }
    }

    // MARK: Periods

    /// The periods that make up the span, in the order in which they were recorded.
    private func periods(since: Int64, until: Int64, _ boundaries: [Int64]) throws(SQLiteError) -> [Chosen] {
        var chosen = try periods(HistorySchema.hour, since: since.adding(1 - HistorySchema.hour), until: until) {
            hour throws(SQLiteError) in
            if hour.start >= since, hour.start.adding(HistorySchema.hour) <= until { return true }
            // Of one that is only in part in the span, its minutes count where they are still there.
            let minutes = try database.integer(
                "SELECT count(*) FROM period WHERE length = 60 AND hour = ? AND start >= ? AND start < ?",
                .integer(hour.id), .integer(hour.start), .integer(hour.start.adding(HistorySchema.hour)))
            return minutes == 0
        }
        let hours = Set(chosen.map(\.id))
        chosen += try periods(HistorySchema.minute, since: since, until: until) { minute throws(SQLiteError) in
            minute.hour.map { !hours.contains($0) } ?? true
        }
        chosen.sort { $0.id < $1.id }
        for index in chosen.indices where !boundaries.isEmpty {
            let start = chosen[index].start
            chosen[index].step = max(0, boundaries.partitioningIndex { $0 > start } - 1)
        }
        return chosen
    }

    /// - Parameter isChosen: is handed a period with the hour that it is part of.
    private func periods(
        _ length: Int64, since: Int64, until: Int64,
        where isChosen: ((id: Int64, start: Int64, hour: Int64?)) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) -> [Chosen] {
        let statement = try database.statement(
            "SELECT id, start, seconds, hour FROM period WHERE length = ? AND start >= ? AND start < ?")
        try statement.bind([.integer(length), .integer(since), .integer(until)])
        defer { statement.reset() }
        var chosen: [Chosen] = []
        while try statement.step() {
            let (id, start) = (statement.integer(0), statement.integer(1))
            let seconds = statement.real(2)
            guard try isChosen((id, start, statement.optionalInteger(3))) else { continue }
            chosen.append(Chosen(id: id, start: start, length: length, seconds: seconds))
        }
        return chosen
    }

    private func describe(_ periods: [Chosen], in answer: inout HistoryAnswer) {
        answer.first = periods.map(\.start).min()
        answer.last = periods.map { $0.start.adding($0.length) }.max()
        answer.seconds = periods.reduce(0) { $0 + $1.seconds }
        answer.isWidened =
            (answer.first ?? answer.since) < answer.since
            || (answer.last ?? 0) > answer.until.adding(HistorySchema.minute)
    }

    // MARK: Factors and rows

    private func readFactors(of periods: [Chosen], _ answer: inout HistoryAnswer) throws(SQLiteError) {
        var places: [Int64: Int] = [:]
        let statement = try database.statement(
            """
            SELECT a.factors, a.node_uj, f.intensity, f.pue, f.source, f.type, f.scope, f.quality, f.price, f.currency
            FROM applied a JOIN factors f ON f.id = a.factors WHERE a.period = ?
            """)
        defer { statement.reset() }
        for period in periods {
            try statement.bind([.integer(period.id)])
            while try statement.step() {
                let (id, energy) = (statement.integer(0), statement.integer(1))
                if let place = places[id] {
                    answer.applied[place].microjoules = answer.applied[place].microjoules.adding(energy)
                    continue
                }
                var factors = HistoryFactors(
                    gramsPerKilowattHour: statement.real(2), pue: statement.real(3), source: statement.text(4))
                (factors.type, factors.scope) = (statement.optionalText(5), statement.optionalText(6))
                factors.quality = statement.optionalText(7)
                (factors.pricePerKilowattHour, factors.currency) = (
                    statement.optionalReal(8), statement.optionalText(9)
                )
                places[id] = answer.applied.count
                answer.applied.append(.init(factors: factors, microjoules: energy))
            }
        }
    }

    private func readRows(
        of periods: [Chosen], _ boundaries: [Int64], most: Int, _ answer: inout HistoryAnswer
    ) throws {
        let zones = try zones()
        let places = Dictionary(zip(zones.map(\.id), zones.indices)) { first, _ in first }
        let (sums, areUsed) = try sums(of: periods, zones: places, steps: boundaries.count, most: most)
        let used = zones.indices.filter { areUsed[$0] }
        answer.zones = used.map { zones[$0].zone }
        // Steps in which nothing was recorded are left out.
        var seconds = [Double?](repeating: nil, count: boundaries.count)
        for period in periods {
            if let step = period.step { seconds[step] = (seconds[step] ?? 0) + period.seconds }
        }
        let steps = boundaries.indices.filter { seconds[$0] != nil }
        answer.steps = steps.map { .init(start: boundaries[$0], seconds: seconds[$0] ?? 0, microjoules: []) }
        for (id, sum) in sums.sorted(by: { $0.key < $1.key }) {
            guard let workload = try workload(id) else { continue }
            var usage = sum.usage
            usage.energy = used.map { sum.usage.energy[$0] }
            answer.rows.append(.init(workload: workload, usage: usage))
            for (place, step) in steps.enumerated() { answer.steps[place].microjoules.append(sum.steps[step]) }
        }
    }

    /// What each workload used in all periods together, by its number, and which zones anything was used in.
    private func sums(
        of periods: [Chosen], zones: [Int64: Int], steps: Int, most: Int
    ) throws -> (sums: [Int64: Sum], areUsed: [Bool]) {
        let nothing = Sum(usage: HistoryUsage(zones: zones.count), steps: [Int64](repeating: 0, count: steps))
        let figures = 16 + 2 * zones.count + steps
        var sums: [Int64: Sum] = [:]
        var areUsed = [Bool](repeating: false, count: zones.count)
        let usage = try database.statement(
            "SELECT workload, cpu_us, emissions_ug, cost_n FROM usage WHERE period = ?")
        let energy = try database.statement(
            "SELECT workload, zone, dynamic_uj, static_uj FROM energy WHERE period = ?")
        defer {
            usage.reset()
            energy.reset()
        }
        for period in periods {
            try usage.bind([.integer(period.id)])
            while try usage.step() {
                let id = usage.integer(0)
                guard sums[id] != nil || (sums.count + 1) * figures <= most else {
                    throw HistoryError(
                        .tooLarge,
                        "the answer would have more than \(most) figures: 16 for a workload, two for each zone and one for "
                            + "each step")
                }
                sums[id, default: nothing].usage.add(
                    cpuMicroseconds: usage.integer(1), emissionsMicrograms: usage.optionalInteger(2),
                    costNanos: usage.optionalInteger(3))
            }
            try energy.bind([.integer(period.id)])
            while try energy.step() {
                guard let zone = zones[energy.integer(1)] else { continue }
                areUsed[zone] = true
                sums[energy.integer(0)]?.add(
                    HistoryEnergy(dynamic: energy.integer(2), static: energy.integer(3)), zone: zone, step: period.step)
            }
        }
        return (sums, areUsed)
    }

    private func zones() throws(SQLiteError) -> [(id: Int64, zone: HistoryZone)] {
        let statement = try database.statement(
            "SELECT id, name, source, quality, dynamic_quality, hardware FROM zone ORDER BY id")
        defer { statement.reset() }
        var zones: [(id: Int64, zone: HistoryZone)] = []
        while try statement.step() {
            zones.append(
                (
                    statement.integer(0),
                    HistoryZone(
                        name: statement.text(1), source: statement.text(2), quality: statement.text(3),
                        dynamicQuality: statement.optionalText(4), hardware: statement.text(5))
                ))
        }
        return zones
    }

    private func workload(_ id: Int64) throws(SQLiteError) -> HistoryWorkload? {
        let statement = try database.statement(
            """
            SELECT kind, namespace, owner_kind, owner_name, pod, container, path, labels FROM workload WHERE id = ?
            """)
        try statement.bind([.integer(id)])
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        var workload = HistoryWorkload(kind: statement.text(0))
        workload.namespace = statement.optionalText(1)
        (workload.ownerKind, workload.ownerName) = (statement.optionalText(2), statement.optionalText(3))
        (workload.pod, workload.container) = (statement.optionalText(4), statement.optionalText(5))
        workload.path = statement.optionalText(6)
        workload.labels = HistoryDictionary.labels(statement.text(7))
        return workload
    }
}

extension [Int64] {
    /// The first index whose element has a property that all after it have too; the end where none has. O(log n)
    fileprivate func partitioningIndex(where hasProperty: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if hasProperty(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
