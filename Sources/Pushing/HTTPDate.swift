internal import Glibc

enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The Unix time, s, of `Thu, 26 Nov 2026 17:00:00 GMT`; nil for anything else (RFC 9110, 5.6.7).
    static func unixTime(_ text: String) -> Double? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2])),
            let day = UInt8(words[1]), (1...31).contains(day), let year = UInt16(words[3]),
            (1970..<10_000).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { UInt8($0) }
        guard time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year) - 1900, Int32(month), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(time[0]), Int32(time[1]), Int32(time[2]))
        return Double(timegm(&parts))
    }
}
