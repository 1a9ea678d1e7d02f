/// Hours: sums of minutes that never change again, each with the hash of the one before it.
extension HistoryStore {
    /// Sums up and seals the hours of all minutes that are in no hour yet, except for the hour of `present`.
    ///
    /// - Parameter present: Unix time, s. A clock that jumps back leaves hours behind that it comes to again: each part of
    ///   such an hour is sealed by itself.
    /// - Returns: how many hours were sealed.
    func seal(before present: Int64) throws(SQLiteError) -> Int {
        let current = present - remainder(present, HistorySchema.hour)
        let statement = try database.statement(
            """
            SELECT DISTINCT start - (start % 3600 + 3600) % 3600 FROM period
            WHERE length = ? AND hour IS NULL AND (start < ? OR start >= ?) ORDER BY 1
            """)
        try statement.bind([
            .integer(HistorySchema.minute), .integer(current), .integer(current + HistorySchema.hour),
        ])
        var hours: [Int64] = []
        while try statement.step() { hours.append(statement.integer(0)) }
        statement.reset()
        for hour in hours { try seal(hour: hour) }
        return hours.count
    }

    private func seal(hour start: Int64) throws(SQLiteError) {
        try database.run(
            """
            INSERT INTO period (length, start, seconds)
            SELECT ?, ?, sum(seconds) FROM period WHERE length = ? AND hour IS NULL AND start >= ? AND start < ?
            """, .integer(HistorySchema.hour), .integer(start), .integer(HistorySchema.minute), .integer(start),
            .integer(start + HistorySchema.hour))
        let hour = database.lastRow
        try database.run(
            "UPDATE period SET hour = ? WHERE length = ? AND hour IS NULL AND start >= ? AND start < ?",
            .integer(hour), .integer(HistorySchema.minute), .integer(start), .integer(start + HistorySchema.hour))
        try database.run(
            """
            INSERT INTO usage (period, workload, cpu_us, emissions_ug, cost_n)
            SELECT ?1, w.lasting, sum(u.cpu_us), sum(u.emissions_ug), sum(u.cost_n)
            FROM period p JOIN usage u ON u.period = p.id JOIN workload w ON w.id = u.workload
            WHERE p.length = ?2 AND p.start >= ?3 AND p.start < ?3 + 3600 AND p.hour = ?1 GROUP BY w.lasting
            """, .integer(hour), .integer(HistorySchema.minute), .integer(start))
        try database.run(
            """
            INSERT INTO energy (period, workload, zone, dynamic_uj, static_uj)
            SELECT ?1, w.lasting, e.zone, sum(e.dynamic_uj), sum(e.static_uj)
            FROM period p JOIN energy e ON e.period = p.id JOIN workload w ON w.id = e.workload
            WHERE p.length = ?2 AND p.start >= ?3 AND p.start < ?3 + 3600 AND p.hour = ?1 GROUP BY w.lasting, e.zone
            """, .integer(hour), .integer(HistorySchema.minute), .integer(start))
        try database.run(
            """
            INSERT INTO applied (period, factors, node_uj)
            SELECT ?1, a.factors, sum(a.node_uj) FROM period p JOIN applied a ON a.period = p.id
            WHERE p.length = ?2 AND p.start >= ?3 AND p.start < ?3 + 3600 AND p.hour = ?1 GROUP BY a.factors
            """, .integer(hour), .integer(HistorySchema.minute), .integer(start))
        let previous = try HistoryChain.head(of: database, before: hour)
        let hash = try HistoryChain.hash(of: hour, after: previous, in: database)
        try database.run(
            "UPDATE period SET previous = ?, hash = ? WHERE id = ?", .bytes(previous), .bytes(hash), .integer(hour))
    }

    /// Like `%`, but never negative.
    private func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value % divisor + divisor) % divisor
    }
}
