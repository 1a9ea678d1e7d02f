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
    /// Computes the hash of every hour anew and compares it with the one in the store; checks that the parts of each period add
    /// up to the node's energy, that the minutes of an hour add up to it, and the file's own structure.
    ///
    /// Minutes that are in no hour yet have no hash: only that they can be such minutes is checked.
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
            if try !isSumOfItsMinutes(hour) { result.note("\(name) is not the sum of its minutes") }
            previous = hour.hash
            result.hours += 1
            if index % 100 == 0 { progress(index, hours.count) }
        }
        if let expected, !hours.contains(where: { hexadecimal($0.hash) == expected }) {
            result.note("no hour has the hash \(expected): hours are missing, or it is not of this history")
        }
        try checkMinutes(after: hours, &result)
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
        return node.adding(parts == .min ? .max : -parts)
    }

    // MARK: Minutes

    /// Whether the minutes of an hour are gone, or are what it was made of. What users made may be added up in it.
    private func isSumOfItsMinutes(_ hour: Hour) throws(SQLiteError) -> Bool {
        let minutes = try database.integers(
            "SELECT id FROM period WHERE length = 60 AND start >= ? AND start < ? AND hour = ? ORDER BY id",
            .integer(hour.start), .integer(hour.start.adding(HistorySchema.hour)), .integer(hour.id))
        guard !minutes.isEmpty else { return true }
        let stored = try HourSums(of: [hour.id], in: database)
        var sums = try HourSums(of: minutes, in: database)
        let other = try otherOfUsers()
        if let other { sums.fold(sums.usage.keys.filter { stored.usage[$0] == nil }, into: other) }
        // A zone in which what went up and down again left nothing is in one of them only.
        let (a, b) = (stored.withoutZeros, sums.withoutZeros)
        return a.usage == b.usage && a.applied == b.applied && abs(a.seconds - b.seconds) < 1e-3
    }

    private func otherOfUsers() throws(SQLiteError) -> Int64? {
        let other = HistoryWorkload.otherOfUsers
        return try database.integer(
            "SELECT id FROM workload WHERE kind = ? AND path = ? AND namespace = '' AND pod = '' AND container = ''",
            .text(other.kind), .text(other.path))
    }

    private func checkMinutes(after hours: [Hour], _ result: inout HistoryVerification) throws(SQLiteError) {
        let starts = Dictionary(hours.map { ($0.id, $0.start) }) { first, _ in first }
        let lastHour = hours.last?.id ?? 0
        let statement = try database.statement("SELECT id, start, hour FROM period WHERE length = 60 ORDER BY id")
        defer { statement.reset() }
        var open: [(id: Int64, start: Int64)] = []
        while try statement.step() {
            let (id, start) = (statement.integer(0), statement.integer(1))
            let name = "the minute from \(start) (period \(id))"
            if try imbalance(of: id) != 0 { result.note("\(name) does not add up to the node's energy") }
            guard let hour = statement.optionalInteger(2) else {
                open.append((id, start))
                continue
            }
            if let first = starts[hour] {
                if start < first || start >= first.adding(HistorySchema.hour) {
                    result.note("\(name) is not within its hour")
                }
            } else {
                result.note("\(name) is of an hour that is missing")
            }
        }
        // Hours are sealed with the first minute that is in another one: that minute, and those after it, are in none, and
        // they are all of one hour. Others would be counted beside the hour that has them already.
        for (index, minute) in open.enumerated() {
            let name = "the minute from \(minute.start) (period \(minute.id))"
            if minute.id < lastHour, index > 0 || !followsOnlyHours(minute.id, hours) {
                result.note("\(name) is in no hour, but older than the last one")
            }
            if hour(of: minute.start) != hour(of: open[open.count - 1].start) {
                result.note("\(name) is in no hour, although a later one is of another hour")
            }
        }
    }

    /// Whether all that was recorded after a period, up to the last hour, are hours.
    private func followsOnlyHours(_ period: Int64, _ hours: [Hour]) -> Bool {
        guard let last = hours.last else { return true }
        return hours.suffix(while: { $0.id > period }).count == Int(last.id - period)
    }

    /// The number of the hour of a time.
    private func hour(of time: Int64) -> Int64 { time / 3600 - (time % 3600 < 0 ? 1 : 0) }
}

extension HourSums {
    fileprivate var withoutZeros: HourSums {
        var sums = self
        for id in usage.keys { sums.usage[id]?.energy = usage[id]?.energy.filter { !$1.isZero } ?? [:] }
        return sums
    }
}

extension Array {
    /// Those at the end that all have a property.
    fileprivate func suffix(while hasProperty: (Element) -> Bool) -> ArraySlice<Element> {
        self[(lastIndex { !hasProperty($0) }.map { $0 + 1 } ?? startIndex)...]
    }
}

/// Two digits for each byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
