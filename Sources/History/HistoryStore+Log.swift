internal import Glibc

/// The log beside the file, in which SQLite keeps what was written until no reader needs an older state.
extension HistoryStore {
    /// Bytes of the log from which on the writer waits for readers: SQLite's own checkpoints do not, and beside readers that
    /// follow each other without a gap the log would grow for ever. Usually it has half of that.
    static let longLog = 4 << 20
    /// From so many on it waits longer than any question of the agent takes.
    private static let veryLongLog = 4 * longLog
    /// How long, ms.
    private static let (patience, longPatience): (Int32, Int32) = (500, 25_000)

    /// Where the log is long, waits for those who read an older state and empties it; who begins to read meanwhile does not
    /// delay that. A reader that stays is no error: the next minute tries again.
    func shortenLog() throws(SQLiteError) {
        var status = stat()
        guard stat(HistoryFile.resolved(settings.path) + "-wal", &status) == 0, status.st_size > Self.longLog else {
            return
        }
        let usual = database.patience
        database.patience = status.st_size > Self.veryLongLog ? Self.longPatience : Self.patience
        defer { database.patience = usual }
        let statement = try database.statement("PRAGMA wal_checkpoint(TRUNCATE)")
        _ = try statement.step()
        statement.reset()
    }
}
