internal import CSQLite

/// An open SQLite database. Belongs to one thread at a time.
final class SQLiteDatabase {
    enum Access {
        case readOnly
        /// Makes the file where there is none.
        case readWrite
    }

    private let handle: OpaquePointer
    private var prepared: [String: SQLiteStatement] = [:]

    /// Opens a file, which must not be a symbolic link.
    ///
    /// - Parameter patience: how long a statement waits for other processes that hold the file, ms.
    init(path: String, access: Access, patience: Int32 = 2000) throws(SQLiteError) {
        let mode =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nil)
        guard let opened else { throw SQLiteError(result: result, "no memory for a database") }
        guard result == SQLITE_OK else {
            let error = SQLiteError(result: result, String(cString: sqlite3_errmsg(opened)))
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, patience)
    }

    deinit {
        prepared.removeAll()
        // Waits for statements that are still referenced elsewhere.
        sqlite3_close_v2(handle)
    }

    /// Runs one or more statements that return nothing of interest.
    func execute(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result) }
    }

    /// A statement, compiled once for all its uses, without values.
    func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = prepared[sql] {
            known.reset()
            return known
        }
        var compiled: OpaquePointer?
        let result = sqlite3_prepare_v2(handle, sql, -1, &compiled, nil)
        guard result == SQLITE_OK, let compiled else { throw error(result) }
        let statement = SQLiteStatement(compiled, of: handle)
        prepared[sql] = statement
        return statement
    }

    /// Runs a statement with these values to its end.
    func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) {
        let statement = try statement(sql)
        try statement.bind(values)
        while try statement.step() {}
        statement.reset()
    }

    /// The first column of the first row as an integer; nil where there is no row, or it is NULL.
    func integer(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) -> Int64? {
        let statement = try statement(sql)
        try statement.bind(values)
        defer { statement.reset() }
        return try statement.step() ? statement.optionalInteger(0) : nil
    }

    /// Runs `body` as one transaction: all of it is stored, or nothing.
    func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite has done so itself after some errors.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Of the row that was inserted last.
    var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }
    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    private func error(_ result: Int32) -> SQLiteError {
        SQLiteError(result: result, String(cString: sqlite3_errmsg(handle)))
    }
}
