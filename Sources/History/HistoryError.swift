/// Why a history store cannot be used.
package struct HistoryError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// There is no such file.
        case missing
        /// A file of another program.
        case foreign
        /// Of a later version of energyd.
        case newer
        /// Its content is damaged.
        case damaged
        /// The answer to a question would have more figures than it may.
        case tooLarge
        /// The reading was ended before it was done.
        case interrupted
        case other
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static let foreign = HistoryError(.foreign, "it is a database of another program")

    static let changedTables = HistoryError(
        .foreign, "its tables are not those that energyd makes: it is not a history, or was changed")

    static func newer(version: Int, known: Int) -> HistoryError {
        HistoryError(
            .newer, "it is of a later version of energyd (version \(version) of the tables, this one knows \(known))")
    }

    init(_ error: SQLiteError) {
        switch error.code {
        case .damaged: self.init(.damaged, error.description)
        case .notDatabase: self.init(.foreign, "it is not a history of energyd")
        case .interrupted: self.init(.interrupted, "the reading was interrupted")
        default: self.init(.other, error.description)
        }
    }
}
