/// What going through a whole store has shown.
package struct HistoryVerification: Sendable, Equatable, Codable {
    /// Hours whose hash was computed anew.
    package var hours = 0
    /// Beginning of the first and of the last of them, Unix time, s.
    package var first: Int64?
    package var last: Int64?
    /// The hash of the last one, in hexadecimal: who notes it can tell later whether hours were cut off at the end.
    package var head: String?
    /// Everything that is wrong; the first hundred.
    package var problems: [String] = []

    package var isIntact: Bool { problems.isEmpty }

    mutating func note(_ problem: String) {
        if problems.count < 100 { problems.append(problem) }
    }
}

extension HistoryReader {
    /// Computes the hash of every hour anew and compares it with the one in the store; checks that the parts of each add up
    /// to the node's energy, and the file's own structure.
    ///
    /// - Parameters:
    ///   - expected: a hash that was noted earlier, in hexadecimal, which one of the hours must have.
    ///   - progress: is handed the number of hours done, and of all, from time to time.
    package func verify(
        expecting expected: String? = nil, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(SQLiteError) -> HistoryVerification {
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        var result = HistoryVerification()
        let structure = try database.statement("PRAGMA integrity_check(10)")
        while try structure.step() {
            let finding = structure.text(0)
            if finding != "ok" { result.note("the file is damaged: \(finding)") }
        }
        structure.reset()
        let hours = try hours()
        var previous: [UInt8]?
        for (index, hour) in hours.enumerated() {
            let name = "the hour from \(hour.start) (period \(hour.id))"
            if let previous, previous != hour.previous { result.note("\(name) does not follow the one before it") }
            let hash = try HistoryChain.hash(of: hour.id, after: hour.previous, in: database)
            if hash != hour.hash { result.note("\(name) was changed after it was sealed") }
            if try imbalance(of: hour.id) != 0 { result.note("\(name) does not add up to the node's energy") }
            previous = hour.hash
            result.hours += 1
            if index % 100 == 0 { progress(index, hours.count) }
        }
        if let expected, !hours.contains(where: { hexadecimal($0.hash) == expected }) {
            result.note("no hour has the hash \(expected): hours are missing, or it is not of this history")
        }
        (result.first, result.last) = (hours.first?.start, hours.last?.start)
        result.head = hours.last.map { hexadecimal($0.hash) }
        return result
    }

    private struct Hour {
        var id: Int64
        var start: Int64
        var previous: [UInt8]
        var hash: [UInt8]
    }

    private func hours() throws(SQLiteError) -> [Hour] {
        let statement = try database.statement(
            "SELECT id, start, previous, hash FROM period WHERE length = 3600 ORDER BY id")
        defer { statement.reset() }
        var hours: [Hour] = []
        while try statement.step() {
            hours.append(
                Hour(
                    id: statement.integer(0), start: statement.integer(1), previous: statement.bytes(2),
                    hash: statement.bytes(3)))
        }
        return hours
    }

    /// Energy of the node minus that of everything in it, uJ.
    private func imbalance(of period: Int64) throws(SQLiteError) -> Int64 {
        let node = try database.integer("SELECT sum(node_uj) FROM applied WHERE period = ?", .integer(period)) ?? 0
        let parts =
            try database.integer(
                "SELECT sum(dynamic_uj + static_uj) FROM energy WHERE period = ?", .integer(period)) ?? 0
        return node - parts
    }
}

/// Two digits for each byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
