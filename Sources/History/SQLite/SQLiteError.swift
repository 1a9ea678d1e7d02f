internal import CSQLite

/// Why SQLite could not do what it was asked.
package struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What that means for the caller.
    package enum Code: Sendable, Equatable {
        /// The content of the file is damaged.
        case damaged
        /// The file is no database.
        case notDatabase
        /// The disk, or the file's own limit, is full.
        case full
        /// The file or its directory may not be written.
        case readOnly
        /// Another process has the file locked.
        case busy
        /// ``SQLiteDatabase/interrupt(when:)``
        case interrupted
        case other
    }

    package let code: Code
    /// SQLite's own words.
    package let description: String

    /// - Parameter result: SQLite's result code, extended or not.
    init(result: Int32, _ description: String) {
        code =
            switch result & 0xFF {
            case SQLITE_CORRUPT: .damaged
            case SQLITE_NOTADB: .notDatabase
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_INTERRUPT: .interrupted
            default: .other
            }
        self.description = description
    }
}
