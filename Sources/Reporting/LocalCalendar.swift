internal import Glibc

/// Days in the time zone of this process (`TZ`, else the machine's), as the C library knows them: with days of 23 and 25
/// hours.
package enum LocalCalendar {
    /// A day and a time of it, as a clock on the wall shows them.
    package struct Moment: Equatable, Sendable {
        package var year: Int
        package var month: Int
        package var day: Int
        package var hour = 0
        package var minute = 0
        package var second = 0
        /// As `+01:00`.
        package var offset = ""

        package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
            (self.year, self.month, self.day) = (year, month, day)
            (self.hour, self.minute, self.second) = (hour, minute, second)
        }

        /// `2026-11-01 14:30`
        package var text: String { "\(date) \(two(hour)):\(two(minute))" }
        /// `2026-11-01`
        package var date: String { "\(four(year))-\(two(month))-\(two(day))" }

        private func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        private func four(_ number: Int) -> String {
            String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
        }
    }

    /// What the clock on the wall shows at a Unix time, s.
    package static func moment(_ unixTime: Int64) -> Moment {
        var time = time_t(unixTime)
        var parts = tm()
        localtime_r(&time, &parts)
        var moment = Moment(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
        let minutes = abs(parts.tm_gmtoff) / 60
        let (hours, rest) = (minutes / 60, minutes % 60)
        moment.offset =
            (parts.tm_gmtoff < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "")
            + "\(rest)"
        return moment
    }

    /// The Unix time, s, at which the clock on the wall shows this; days beyond the end of a month are those of the next.
    /// nil for what no clock shows.
    package static func unixTime(_ moment: Moment) -> Int64? {
        var parts = tm()
        guard (1...9999).contains(moment.year), (-1000...1000).contains(moment.month),
            (-100_000...100_000).contains(moment.day)
        else { return nil }
        parts.tm_year = Int32(moment.year - 1900)
        parts.tm_mon = Int32(moment.month - 1)
        parts.tm_mday = Int32(moment.day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(moment.hour), Int32(moment.minute), Int32(moment.second))
        // Whether summer time is in force is for the library to find out.
        parts.tm_isdst = -1
        let time = mktime(&parts)
        return time == -1 ? nil : Int64(time)
    }

    /// The beginning of the day that contains a Unix time, moved by so many days, s.
    package static func dayStart(_ unixTime: Int64, movedBy days: Int = 0) -> Int64 {
        let today = moment(unixTime)
        let start = Moment(year: today.year, month: today.month, day: today.day + days)
        return self.unixTime(start) ?? unixTime - unixTime % 86_400 + Int64(days) * 86_400
    }
}
