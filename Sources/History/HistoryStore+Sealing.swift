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
        let minutes = try database.integers(
            "SELECT id FROM period WHERE length = ? AND hour IS NULL AND start >= ? AND start < ? ORDER BY id",
            .integer(HistorySchema.minute), .integer(start), .integer(start + HistorySchema.hour))
        var sums = try HourSums(of: minutes, in: database)
        try foldUserMade(in: &sums)
        try database.run(
            "INSERT INTO period (length, start, seconds) VALUES (?, ?, ?)", .integer(HistorySchema.hour),
            .integer(start), .real(sums.seconds))
        let hour = database.lastRow
        for minute in minutes {
            try database.run("UPDATE period SET hour = ? WHERE id = ?", .integer(hour), .integer(minute))
        }
        try sums.write(as: hour, in: database)
        let previous = try HistoryChain.head(of: database, before: hour)
        let hash = try HistoryChain.hash(of: hour, after: previous, in: database)
        try database.run(
            "UPDATE period SET previous = ?, hash = ? WHERE id = ?", .bytes(previous), .bytes(hash), .integer(hour))
    }

    /// Workloads of users other than root that an hour has by name: those with the most energy. A user may make any number
    /// of cgroups, whose names would fill the file, and the hours of everything else would go to make room.
    static let mostUserMade = 100

    private func foldUserMade(in sums: inout HourSums) throws(SQLiteError) {
        var candidates: [Int64] = []
        for id in sums.usage.keys
        where try database.integer("SELECT user_made FROM workload WHERE id = ?", .integer(id)) == 1 {
            candidates.append(id)
        }
        let folded = sums.smallest(of: candidates, beyond: Self.mostUserMade)
        guard !folded.isEmpty else { return }
        sums.fold(folded, into: try dictionary.id(of: .otherOfUsers, in: database))
        foldedWorkloads += UInt64(folded.count)
    }

    /// Like `%`, but never negative.
    private func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value % divisor + divisor) % divisor
    }
}
