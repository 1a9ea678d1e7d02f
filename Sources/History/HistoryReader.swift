internal import Linux

/// Reads a store while the agent writes it, or after it. Belongs to one thread at a time.
package final class HistoryReader {
    let database: SQLiteDatabase

    /// Opens the store that lies at `path`. Throws a ``HistoryError``.
    package init(path: String) throws(HistoryError) {
        guard fileExists(path) else { throw HistoryError(.missing, "there is no such file") }
        do {
            database = try SQLiteDatabase(path: HistoryFile.resolved(path), access: .readOnly)
            try HistorySchema.check(database, version: Int(try database.integer("PRAGMA user_version") ?? 0))
            try database.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096")
        } catch let error as SQLiteError {
            throw HistoryError(error)
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError(.other, "\(error)")
        }
    }

    /// Beginning of the first period in the store and end of the last one, Unix time, s; nil for an empty store.
    package func span() throws(SQLiteError) -> ClosedRange<Int64>? {
        guard let first = try database.integer("SELECT min(start) FROM period"),
            let last = try database.integer("SELECT max(start + length) FROM period")
        else { return nil }
        return first...max(first, last)
    }

    /// What was used from `since` until just before `until`, Unix time, s.
    ///
    /// Whole hours come from sums, what remains at both ends from minutes; where those are gone, the hour counts whole.
    ///
    /// - Parameter boundaries: where the steps of the answer begin, in ascending order; empty for no steps.
    package func answer(
        since: Int64, until: Int64, boundaries: [Int64] = []
    ) throws(SQLiteError) -> HistoryAnswer {
        // One state of the store, while the agent goes on writing.
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        try choose(since: since, until: until, boundaries)
        var answer = HistoryAnswer(since: since, until: until)
        try describe(&answer)
        let zones = try readZones(&answer)
        let rows = try readUsage(&answer)
        try readEnergy(&answer, zones, rows)
        if !boundaries.isEmpty { try readSteps(&answer, rows) }
        return answer
    }

    // MARK: Steps of an answer

    /// Notes the periods that make up the span, each with the step that it is in.
    private func choose(since: Int64, until: Int64, _ boundaries: [Int64]) throws(SQLiteError) {
        try database.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY, step INTEGER);
            CREATE TEMP TABLE IF NOT EXISTS boundary (start INTEGER PRIMARY KEY);
            DELETE FROM chosen; DELETE FROM boundary
            """)
        for start in boundaries { try database.run("INSERT OR IGNORE INTO boundary VALUES (?)", .integer(start)) }
        try database.run(
            """
            INSERT INTO chosen SELECT p.id, ifnull((SELECT max(b.start) FROM boundary b WHERE b.start <= p.start),
                (SELECT min(start) FROM boundary)) FROM period p
            WHERE p.length = 3600 AND p.start > ?1 - 3600 AND p.start < ?2
                AND (p.start >= ?1 AND p.start + 3600 <= ?2
                    OR NOT EXISTS (
                        SELECT 1 FROM period m WHERE m.length = 60 AND m.start >= p.start AND m.start < p.start + 3600
                            AND m.hour = p.id))
            """, .integer(since), .integer(until))
        try database.run(
            """
            INSERT INTO chosen SELECT p.id, ifnull((SELECT max(b.start) FROM boundary b WHERE b.start <= p.start),
                (SELECT min(start) FROM boundary)) FROM period p
            WHERE p.length = 60 AND p.start >= ?1 AND p.start < ?2
                AND (p.hour IS NULL OR p.hour NOT IN (SELECT id FROM chosen))
            """, .integer(since), .integer(until))
    }

    private func describe(_ answer: inout HistoryAnswer) throws(SQLiteError) {
        let periods = try database.statement(
            "SELECT min(p.start), max(p.start + p.length), sum(p.seconds) FROM chosen c JOIN period p ON p.id = c.id")
        if try periods.step() {
            (answer.first, answer.last) = (periods.optionalInteger(0), periods.optionalInteger(1))
            answer.seconds = periods.real(2)
        }
        periods.reset()
        answer.isWidened =
            (answer.first ?? answer.since) < answer.since
            || (answer.last ?? 0) > answer.until + HistorySchema.minute
        let applied = try database.statement(
            """
            SELECT f.intensity, f.pue, f.source, f.type, f.scope, f.quality, f.price, f.currency, sum(a.node_uj)
            FROM chosen c JOIN applied a ON a.period = c.id JOIN factors f ON f.id = a.factors
            GROUP BY f.id ORDER BY min(c.id)
            """)
        defer { applied.reset() }
        while try applied.step() {
            var factors = HistoryFactors(
                gramsPerKilowattHour: applied.real(0), pue: applied.real(1), source: applied.text(2))
            (factors.type, factors.scope) = (applied.optionalText(3), applied.optionalText(4))
            factors.quality = applied.optionalText(5)
            (factors.pricePerKilowattHour, factors.currency) = (applied.optionalReal(6), applied.optionalText(7))
            answer.applied.append(.init(factors: factors, microjoules: applied.integer(8)))
        }
    }

    /// Returns the place of each zone in the answer.
    private func readZones(_ answer: inout HistoryAnswer) throws(SQLiteError) -> [Int64: Int] {
        let statement = try database.statement(
            """
            SELECT id, name, source, quality, dynamic_quality, hardware FROM zone
            WHERE id IN (SELECT DISTINCT e.zone FROM chosen c JOIN energy e ON e.period = c.id) ORDER BY id
            """)
        defer { statement.reset() }
        var places: [Int64: Int] = [:]
        while try statement.step() {
            places[statement.integer(0)] = answer.zones.count
            answer.zones.append(
                HistoryZone(
                    name: statement.text(1), source: statement.text(2), quality: statement.text(3),
                    dynamicQuality: statement.optionalText(4), hardware: statement.text(5)))
        }
        return places
    }

    /// Returns the place of each workload in the answer.
    private func readUsage(_ answer: inout HistoryAnswer) throws(SQLiteError) -> [Int64: Int] {
        let statement = try database.statement(
            """
            SELECT w.id, w.kind, w.namespace, w.owner_kind, w.owner_name, w.pod, w.container, w.path, w.labels,
                sum(u.cpu_us), sum(u.emissions_ug), sum(u.cost_n)
            FROM chosen c JOIN usage u ON u.period = c.id JOIN workload w ON w.id = u.workload
            GROUP BY w.id ORDER BY w.id
            """)
        defer { statement.reset() }
        var places: [Int64: Int] = [:]
        while try statement.step() {
            var workload = HistoryWorkload(kind: statement.text(1))
            workload.namespace = statement.optionalText(2)
            (workload.ownerKind, workload.ownerName) = (statement.optionalText(3), statement.optionalText(4))
            (workload.pod, workload.container) = (statement.optionalText(5), statement.optionalText(6))
            workload.path = statement.optionalText(7)
            workload.labels = HistoryDictionary.labels(statement.text(8))
            var usage = HistoryUsage(zones: answer.zones.count)
            usage.cpuMicroseconds = statement.integer(9)
            usage.emissionsMicrograms = statement.optionalInteger(10)
            usage.costNanos = statement.optionalInteger(11)
            places[statement.integer(0)] = answer.rows.count
            answer.rows.append(.init(workload: workload, usage: usage))
        }
        return places
    }

    private func readEnergy(
        _ answer: inout HistoryAnswer, _ zones: [Int64: Int], _ rows: [Int64: Int]
    ) throws(SQLiteError) {
        let statement = try database.statement(
            """
            SELECT e.workload, e.zone, sum(e.dynamic_uj), sum(e.static_uj)
            FROM chosen c JOIN energy e ON e.period = c.id GROUP BY e.workload, e.zone
            """)
        defer { statement.reset() }
        while try statement.step() {
            guard let row = rows[statement.integer(0)], let zone = zones[statement.integer(1)] else { continue }
            answer.rows[row].usage.energy[zone] += HistoryEnergy(
                dynamic: statement.integer(2), static: statement.integer(3))
        }
    }

    private func readSteps(_ answer: inout HistoryAnswer, _ rows: [Int64: Int]) throws(SQLiteError) {
        let periods = try database.statement(
            """
            SELECT c.step, sum(p.seconds) FROM chosen c JOIN period p ON p.id = c.id
            WHERE c.step IS NOT NULL GROUP BY c.step ORDER BY c.step
            """)
        var places: [Int64: Int] = [:]
        while try periods.step() {
            places[periods.integer(0)] = answer.steps.count
            answer.steps.append(
                .init(
                    start: periods.integer(0), seconds: periods.real(1),
                    microjoules: [Int64](repeating: 0, count: answer.rows.count)))
        }
        periods.reset()
        let amounts = try database.statement(
            """
            SELECT c.step, e.workload, sum(e.dynamic_uj + e.static_uj) FROM chosen c JOIN energy e ON e.period = c.id
            WHERE c.step IS NOT NULL GROUP BY c.step, e.workload
            """)
        defer { amounts.reset() }
        while try amounts.step() {
            guard let step = places[amounts.integer(0)], let row = rows[amounts.integer(1)] else { continue }
            answer.steps[step].microjoules[row] += amounts.integer(2)
        }
    }
}
