internal import CSQLite
internal import Glibc

/// An open SQLite database. Belongs to one thread at a time.
final class SQLiteDatabase {
    enum Access {
        case readOnly
        /// Makes the file where there is none.
        case readWrite
    }

    private let handle: OpaquePointer
    private var prepared: [String: SQLiteStatement] = [:]
    /// SQLite has pointers to both.
    private let waiting: Waiting
    private var interruption: Interruption?

    private final class Interruption {
        let isDue: () -> Bool
        init(_ isDue: @escaping () -> Bool) { self.isDue = isDue }
    }

    private final class Waiting {
        var patience: Int32
        let pause: (Int32) -> Void
        init(_ patience: Int32, _ pause: @escaping (Int32) -> Void) { (self.patience, self.pause) = (patience, pause) }
    }

    /// How long it waits between two attempts, ms.
    private static let pauseLength: Int32 = 10
    /// Steps of SQLite's machine between two questions whether to go on: some tens of microseconds.
    private static let stepsBetween: Int32 = 2000

    /// Opens a file, which must not be a symbolic link.
    ///
    /// - Parameters:
    ///   - patience: how long a statement waits for others that hold the file, ms.
    ///   - pause: waits so many milliseconds.
    init(
        path: String, access: Access, patience: Int32 = 2000,
        pause: @escaping (Int32) -> Void = { _ = usleep(UInt32($0) * 1000) }
    ) throws(SQLiteError) {
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
        waiting = Waiting(patience, pause)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_handler(
            handle,
            { context, attempts in
                guard let context else { return 0 }
                let waiting = Unmanaged<Waiting>.fromOpaque(context).takeUnretainedValue()
                guard attempts < waiting.patience / SQLiteDatabase.pauseLength else { return 0 }
                waiting.pause(SQLiteDatabase.pauseLength)
                return 1
            }, Unmanaged.passUnretained(waiting).toOpaque())
        if access == .readOnly {
            let result = energyd_sqlite_distrust(handle)
            guard result == SQLITE_OK else { throw error(result) }
            try execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON")
        }
    }

    /// Has `isDue` called again and again while statements run: where it returns true, they end with an error of the
    /// code ``SQLiteError/Code/interrupted``.
    func interrupt(when isDue: @escaping () -> Bool) {
        let interruption = Interruption(isDue)
        self.interruption = interruption
        sqlite3_progress_handler(
            handle, Self.stepsBetween,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue().isDue() ? 1 : 0
            }, Unmanaged.passUnretained(interruption).toOpaque())
    }

    /// How long a statement waits for others that hold the file, ms.
    var patience: Int32 {
        get { waiting.patience }
        set { waiting.patience = newValue }
    }

    deinit {
        sqlite3_progress_handler(handle, 0, nil, nil)
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

    /// The first column of all rows.
    func integers(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) -> [Int64] {
        let statement = try statement(sql)
        try statement.bind(values)
        defer { statement.reset() }
        var integers: [Int64] = []
        while try statement.step() { integers.append(statement.integer(0)) }
        return integers
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
