internal import Glibc

/// Dates of HTTP: RFC 9110, 5.6.7.
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The Unix time, s, of `Thu, 26 Nov 2026 17:00:00 GMT` and of the two old forms that have to be understood,
    /// `Thursday, 26-Nov-26 17:00:00 GMT` and `Thu Nov 26 17:00:00 2026`; nil for anything else.
    ///
    /// - Parameter now: Unix time, s: a year of two digits lies 50 years after it at most.
    static func unixTime(_ text: String, now: Double) -> Double? {
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT" && words[3].utf8.count == 4:
            return unixTime(words[1], words[2], year: number(words[3]), words[4])
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let short = number(date[2]) else { return nil }
            let latest = year(of: now) + 50
            return unixTime(date[0], date[1], year: latest - (latest - short) % 100, words[2])
        case 5 where words[4].utf8.count == 4:
            return unixTime(words[2], words[1], year: number(words[4]), words[3])
        default: return nil
        }
    }

    private static func unixTime(_ day: String, _ month: String, year: Int?, _ time: String) -> Double? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0)) }
        guard let month = months.firstIndex(of: month), let day = number(day), let year, (1970..<10_000).contains(year),
            clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year) - 1900, Int32(month), Int32(day))
        let midnight = timegm(&parts)
        // A day that the month does not have is one of the next month now.
        guard parts.tm_mday == Int32(day), day > 0 else { return nil }
        return Double(midnight + hour * 3600 + minute * 60 + second)
    }

    /// Of digits only, four at most.
    private static func number(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.count <= 4 else { return nil }
        return Int(text)
    }

    private static func year(of unixTime: Double) -> Int {
        var (time, parts) = (time_t(max(0, min(unixTime, 1e11))), tm())
        gmtime_r(&time, &parts)
        return Int(parts.tm_year) + 1900
    }
}
