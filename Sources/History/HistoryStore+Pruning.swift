/// What is too old goes, and what is too much: the oldest minutes first, then the oldest hours.
extension HistoryStore {
    /// Periods that go at a time where the file is too large: the minutes of an hour, so that it takes no longer than that.
    private static let batch = 60
    /// After so many periods the names are gone through, which reads all that the store has: once a day.
    private static let periodsBetweenNames = 1440

    /// - Parameter present: Unix time, s. What a clock that was ahead has left goes when there is no more room.
    func prune(at present: Int64) throws(SQLiteError) {
        try drop("length = 60 AND hour IS NOT NULL AND start < \(present - settings.minutes)")
        try drop("length = 3600 AND start < \(present - settings.hours)")
    }

    /// Makes room where the file holds more than it may.
    func reclaim() throws(SQLiteError) {
        while try usedBytes() > settings.bytes {
            let dropped = try database.transaction { () throws(SQLiteError) in
                let minutes = try drop(oldest("length = 60 AND hour IS NOT NULL"))
                return try minutes > 0 ? minutes : drop(oldest("length = 3600"))
            }
            guard dropped > 0 else { break }
        }
        if droppedPeriods >= Self.periodsBetweenNames {
            try dropUnusedNames()
            droppedPeriods = 0
        }
        // Pages that are free go back to the file system bit by bit.
        try database.execute("PRAGMA incremental_vacuum(256)")
    }

    /// Bytes in use, without free pages.
    func usedBytes() throws(SQLiteError) -> Int64 {
        let pages = try database.integer("PRAGMA page_count") ?? 0
        let free = try database.integer("PRAGMA freelist_count") ?? 0
        return (pages - free) * (try database.integer("PRAGMA page_size") ?? 4096)
    }

    private func oldest(_ condition: String) -> String {
        "id IN (SELECT id FROM period WHERE \(condition) ORDER BY start, id LIMIT \(Self.batch))"
    }

    /// Returns how many periods went.
    @discardableResult
    private func drop(_ condition: String) throws(SQLiteError) -> Int {
        for table in ["energy", "usage", "applied"] {
            try database.execute("DELETE FROM \(table) WHERE period IN (SELECT id FROM period WHERE \(condition))")
        }
        try database.execute("DELETE FROM period WHERE \(condition)")
        droppedPeriods += database.changes
        return database.changes
    }

    /// Names that no period has any more.
    private func dropUnusedNames() throws(SQLiteError) {
        try database.transaction { () throws(SQLiteError) in
            try database.execute(
                """
                DELETE FROM workload WHERE id NOT IN (
                    SELECT workload FROM usage
                    UNION SELECT lasting FROM workload WHERE id IN (SELECT workload FROM usage))
                """)
            try database.execute("DELETE FROM factors WHERE id NOT IN (SELECT factors FROM applied)")
            try database.execute("DELETE FROM zone WHERE id NOT IN (SELECT zone FROM energy)")
        }
        dictionary.forget()
    }
}
