internal import Linux

/// Reads a store while the agent writes it, or after it: one of this machine or a file from elsewhere, of whose content
/// nothing is trusted. Belongs to one thread at a time.
package final class HistoryReader {
    let database: SQLiteDatabase

    /// Opens the store that lies at `path`. Throws a ``HistoryError``.
    ///
    /// - Parameter isOver: asked again and again while something is read, which ends where it returns true.
    package init(path: String, isOver: (() -> Bool)? = nil) throws(HistoryError) {
        guard fileExists(path) else { throw HistoryError(.missing, "there is no such file") }
        do {
            database = try SQLiteDatabase(path: HistoryFile.resolved(path), access: .readOnly)
            try database.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096")
            let version = Int(try database.integer("PRAGMA user_version") ?? 0)
            try HistorySchema.check(database, version: version)
            try HistorySchema.checkTables(of: database, version: version)
            if let isOver { database.interrupt(when: isOver) }
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
            let last = try database.integer("SELECT max(start) FROM period"),
            let length = try database.integer(
                "SELECT max(length) FROM period WHERE start = ?", .integer(last))
        else { return nil }
        return first...max(first, last.adding(length))
    }
}
