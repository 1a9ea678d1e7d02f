/// What is too old goes, and what is too much: the oldest minutes first, then the oldest hours.
extension HistoryStore {
    /// Hours that go at a time where the file is too large.
    private static let batch = 24
    /// After so many periods the names are gone through, which reads all that the store has: once a day.
    private static let periodsBetweenNames = 1440

    /// - Parameter present: Unix time, s, of a minute that was just written. Where the clock has jumped ahead to it by more than
    ///   a day, nothing goes: the next hour shows whether it stays there. What such a clock has left goes when there is
    ///   no more room.
    func prune(at present: Int64) throws(SQLiteError) {
        let before = try database.integer(
            "SELECT start FROM period WHERE length = 60 ORDER BY id DESC LIMIT 1 OFFSET 1")
        guard let before, present - before <= 86_400 else { return }
        // Whole hours: one of which only some minutes are left could not be answered.
        let cut = present - settings.minutes
        try drop("length = 60 AND hour IS NOT NULL AND start < \(cut - cut % HistorySchema.hour)")
        try drop("length = 3600 AND start < \(present - settings.hours)")
    }

    /// Makes room where the file holds more than it may.
    func reclaim() throws(SQLiteError) {
        var hasDroppedNames = false
        while try usedBytes() > settings.bytes {
            let minutes = try database.transaction { () throws(SQLiteError) in
                try drop(
                    """
                    length = 60 AND hour = (
                        SELECT hour FROM period WHERE length = 60 AND hour IS NOT NULL ORDER BY start, id LIMIT 1)
                    """)
            }
            if minutes > 0 { continue }
            // Before any hour goes.
            if !hasDroppedNames {
                try dropUnusedNames()
                hasDroppedNames = true
                continue
            }
            let hours = try database.transaction { () throws(SQLiteError) in
                try drop("id IN (SELECT id FROM period WHERE length = 3600 ORDER BY start, id LIMIT \(Self.batch))")
            }
            guard hours > 0 else { break }
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
