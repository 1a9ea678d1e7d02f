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
        case other
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static let foreign = HistoryError(.foreign, "it is a database of another program")

    static func newer(version: Int, known: Int) -> HistoryError {
        HistoryError(
            .newer, "it is of a later version of energyd (version \(version) of the tables, this one knows \(known))")
    }

    init(_ error: SQLiteError) {
        switch error.code {
        case .damaged: self.init(.damaged, error.description)
        case .notDatabase: self.init(.foreign, "it is not a history of energyd")
        default: self.init(.other, error.description)
        }
    }
}
