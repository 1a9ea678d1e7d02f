import Linux

/// Why there are no figures, in words.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A comma-separated file with a header.
struct Table {
    struct Line {
        let place: String
        let fields: [String: Substring]

        func text(_ column: String) throws(Failure) -> String {
            guard let field = fields[column] else { throw Failure("\(place): no column '\(column)'") }
            return String(field)
        }

        func number(_ column: String) throws(Failure) -> Double {
            guard let value = Double(try text(column)), value.isFinite else {
                throw Failure("\(place): '\(column)' is no number")
            }
            return value
        }
    }

    let lines: [Line]

    /// Reads up to 64 MB. No quoting: the files have none.
    init(path: String) throws(Failure) {
        let text: String
        do {
            text = try readText(path, limit: 64 << 20)
        } catch {
            throw Failure("\(error)")
        }
        let rows = text.split(whereSeparator: \.isNewline)
        let header = (rows.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
        lines = rows.dropFirst().enumerated().map { number, row in
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            return Line(
                place: "\(path):\(number + 2)",
                fields: Dictionary(zip(header.map(String.init), fields), uniquingKeysWith: { first, _ in first }))
        }
    }
}
