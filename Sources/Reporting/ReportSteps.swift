/// How the span of a report is divided over time: so that a chart has a few dozen bars.
package enum ReportSteps {
    /// Where the steps begin, ascending, from `since` on; Unix time, s.
    package static func boundaries(since: Int64, until: Int64) -> [Int64] {
        let length = until - since
        if length <= 0 { return [] }
        if length <= 3 * 3600 { return fixed(since, until, 300) }
        if length <= 3 * 86_400 { return fixed(since, until, 3600) }
        let days = length <= 93 * 86_400 ? 1 : length <= 750 * 86_400 ? 7 : max(30, Int(length / 86_400 / 400) + 1)
        var boundaries = [since]
        var next = LocalCalendar.dayStart(since, movedBy: days)
        while next < until, boundaries.count < 400 {
            boundaries.append(next)
            let following = LocalCalendar.dayStart(next, movedBy: days)
            next = max(following, next + 1)
        }
        return boundaries
    }

    private static func fixed(_ since: Int64, _ until: Int64, _ length: Int64) -> [Int64] {
        let second = since - since % length + length
        return [since] + stride(from: second, to: until, by: Int64.Stride(length))
    }
}
