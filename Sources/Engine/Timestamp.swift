internal import Glibc
internal import Linux

/// Points in time as text.
package enum Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    package static func format(unixTime: Double) -> String {
        let milliseconds = Int((unixTime * 1000).rounded())
        return format(seconds: milliseconds / 1000, milliseconds: milliseconds % 1000)
    }

    /// The Unix time, s, of what ``format(unixTime:)`` made; nil for anything else.
    static func unixTime(of text: String) -> Double? {
        // `2026-11-25T17:11:08.123Z`: what is compared at the end need not be checked here.
        let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int32($0) }
        guard numbers.count == 7, numbers.allSatisfy({ $0 < 10_000 }) else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
        let time = Double(timegm(&parts)) + Double(numbers[6]) / 1000
        return time >= 0 && format(unixTime: time) == text ? time : nil
    }

    static func format(seconds: Int, milliseconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))"
        let day = digits(Int(parts.tm_mday), 2)
        let hours = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)-\(day)T\(hours).\(digits(milliseconds, 3))Z"
    }
}

/// The version of both programs.
package let energydVersion = "0.1.0"

/// ``energydVersion`` and, where it is known, the commit: `0.1.0+3055f9123abc`, as semver.org has build metadata.
package let energydBuild = buildRevision.isEmpty ? energydVersion : "\(energydVersion)+\(buildRevision)"
