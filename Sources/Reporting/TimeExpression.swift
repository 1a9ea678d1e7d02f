/// A point in time as people write it: `7d` (ago), `now`, `today`, `yesterday`, `2026-11-01`, `2026-11-01 14:30`,
/// `2026-11-01T14:30:00Z`, `@1767322800`.
package struct TimeExpression: Sendable, Equatable {
    private enum Form: Sendable, Equatable {
        case ago(Int64)
        case day(movedBy: Int)
        case moment(LocalCalendar.Moment)
        case unixTime(Int64)
    }

    package let text: String
    private let form: Form

    package static let examples =
        "7d, 24h, now, today, yesterday, 2026-11-01, '2026-11-01 14:30', 2026-11-01T14:30:00Z, @UNIXTIME"

    package static let now = TimeExpression(text: "now", form: .ago(0))
    package static let dayAgo = TimeExpression(text: "1d", form: .ago(86_400))

    private init(text: String, form: Form) {
        self.text = text
        self.form = form
    }

    /// nil for what is none.
    package init?(_ text: String) {
        self.text = text
        switch text {
        case "now": form = .ago(0)
        case "today": form = .day(movedBy: 0)
        case "yesterday": form = .day(movedBy: -1)
        default:
            guard let form = Self.ago(text) ?? Self.unixTime(text) ?? Self.date(text) else { return nil }
            self.form = form
        }
    }

    /// Unix time, s, where now is another; nil for a time that no clock shows.
    package func unixTime(at now: Int64) -> Int64? {
        switch form {
        case .ago(let seconds): now - seconds
        case .day(let days): LocalCalendar.dayStart(now, movedBy: days)
        case .moment(let moment): LocalCalendar.unixTime(moment)
        case .unixTime(let time): time
        }
    }

    private static func ago(_ text: String) -> Form? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = number(text.dropLast()), count < 100_000_000
        else { return nil }
        return .ago(count * unit)
    }

    private static func unixTime(_ text: String) -> Form? {
        guard text.hasPrefix("@"), let time = number(text.dropFirst()), time < 253_402_300_800 else { return nil }
        return .unixTime(time)
    }

    /// Digits only: no sign.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// RFC 3339 with or without a zone, in parts from the left.
    private static func date(_ text: String) -> Form? {
        var rest = Substring(text)
        func digits(_ count: Int, in range: ClosedRange<Int>) -> Int? {
            guard rest.count >= count, let value = number(rest.prefix(count)), range.contains(Int(value)) else {
                return nil
            }
            rest = rest.dropFirst(count)
            return Int(value)
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4, in: 1970...9999), take("-"), let month = digits(2, in: 1...12), take("-"),
            let day = digits(2, in: 1...31)
        else { return nil }
        var moment = LocalCalendar.Moment(year: year, month: month, day: day)
        if rest.isEmpty { return .moment(moment) }
        guard take("T "), let hour = digits(2, in: 0...23), take(":"), let minute = digits(2, in: 0...59) else {
            return nil
        }
        (moment.hour, moment.minute) = (hour, minute)
        if take(":") {
            guard let second = digits(2, in: 0...60) else { return nil }
            moment.second = second
        }
        if rest.isEmpty { return .moment(moment) }
        if take("Zz") { return rest.isEmpty ? .unixTime(utc(moment)) : nil }
        let isBehind = rest.first == "-"
        guard take("+-"), let hours = digits(2, in: 0...23), take(":"), let minutes = digits(2, in: 0...59),
            rest.isEmpty
        else { return nil }
        let offset = Int64(hours * 3600 + minutes * 60)
        return .unixTime(utc(moment) + (isBehind ? offset : -offset))
    }

    /// The Unix time of a moment in UTC, s: days since 1970-03-01 in years that begin in March, so that the leap day is the
    /// last.
    private static func utc(_ moment: LocalCalendar.Moment) -> Int64 {
        let year = Int64(moment.month > 2 ? moment.year : moment.year - 1)
        let month = Int64((moment.month + 9) % 12)
        let days =
            year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + Int64(moment.day - 1) - 719_468
        return days * 86_400 + Int64(moment.hour * 3600 + moment.minute * 60 + moment.second)
    }
}
