internal import CSQLite

/// A value of a statement's parameter.
enum SQLiteValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])

    static func integer(_ value: Int64?) -> SQLiteValue { value.map { .integer($0) } ?? .null }
    static func real(_ value: Double?) -> SQLiteValue { value.map { .real($0) } ?? .null }
    /// Absent texts are empty, so that columns of them can be unique together.
    static func text(_ value: String?) -> SQLiteValue { .text(value ?? "") }
}

/// A compiled statement. Belongs to the thread of its database.
final class SQLiteStatement {
    private let statement: OpaquePointer
    private let database: OpaquePointer

    /// Takes over a statement of a database.
    init(_ statement: OpaquePointer, of database: OpaquePointer) {
        self.statement = statement
        self.database = database
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// Begins anew, with these values for the parameters in their order.
    func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        reset()
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            let result =
                switch value {
                case .null: sqlite3_bind_null(statement, place)
                case .integer(let number): sqlite3_bind_int64(statement, place, number)
                case .real(let number): sqlite3_bind_double(statement, place, number)
                case .text(let text): energyd_sqlite_bind_text(statement, place, text, Int32(text.utf8.count))
                case .bytes(let bytes): energyd_sqlite_bind_blob(statement, place, bytes, Int32(bytes.count))
                }
            guard result == SQLITE_OK else { throw error(result) }
        }
    }

    /// Advances to the next row; false at the end.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw error(result)
        }
    }

    /// Ends the reading of rows: a statement that is not reset keeps its lock.
    func reset() {
        sqlite3_reset(statement)
    }

    // MARK: Columns of the present row

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func text(_ column: Int32) -> String {
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }
    func bytes(_ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(statement, column))
        return sqlite3_column_blob(statement, column).map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
            ?? []
    }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
    /// nil for an empty text too.
    func optionalText(_ column: Int32) -> String? {
        let text = text(column)
        return text.isEmpty ? nil : text
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    private func error(_ result: Int32) -> SQLiteError {
        SQLiteError(result: result, String(cString: sqlite3_errmsg(database)))
    }
}
