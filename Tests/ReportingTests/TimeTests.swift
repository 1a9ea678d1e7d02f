import Glibc
import Testing

@testable import Reporting

/// The time zone belongs to the process: one test at a time.
@Suite(.serialized) struct TimeTests {
    /// Runs `body` where the clock on the wall is that of a place.
    private func at(_ zone: String, _ body: () throws -> Void) rethrows {
        let before = getenv("TZ").map { String(cString: $0) }
        setenv("TZ", zone, 1)
        tzset()
        defer {
            if let before { setenv("TZ", before, 1) } else { unsetenv("TZ") }
            tzset()
        }
        try body()
    }

    /// Central European time by its rule, whether or not the machine has the table of zones.
    private static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2024-02-29T12:00:00Z", 1_709_208_000),
            ("2000-02-29 23:59:59Z", 951_868_799), ("2026-01-02T03:04:05+05:30", 1_767_303_245),
            ("2026-01-02T03:04-01:00", 1_767_326_640), ("@17", 17), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func momentsOfTheWorldAreRead(text: String, unixTime: Int64) {
        #expect(TimeExpression(text)?.unixTime(at: 5) == unixTime)
    }

    @Test(arguments: [0, 951_868_799, 1_709_208_000, 1_767_323_045, 253_402_300_799, 4_107_542_400] as [Int64])
    func momentsAreWrittenAsTheyAreRead(unixTime: Int64) {
        #expect(TimeExpression(UTC.text(unixTime))?.unixTime(at: 0) == unixTime)
    }

    @Test(arguments: [
        "", "d", "-1d", "1.5d", "7 d", "7x", "2026", "2026-13-01", "2026-1-1", "2026-01-32", "2026-01-01T",
        "2026-01-01T25:00",
        "2026-01-01T10", "2026-01-01T10:00+1", "2026-01-01T10:00Zx", "@", "@-5", "@99999999999999999999", "tomorrow",
        "999999999999w",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(TimeExpression(text) == nil)
    }

    @Test func spansGoBackFromNow() {
        #expect(TimeExpression("7d")?.unixTime(at: 1_000_000) == 395_200)
        #expect(TimeExpression("2w")?.unixTime(at: 2_000_000) == 790_400)
        #expect(TimeExpression("now")?.unixTime(at: 42) == 42)
    }

    /// The day on which summer time begins has 23 hours, that on which it ends 25.
    @Test func daysAreThoseOfTheWall() throws {
        try at(Self.berlin) {
            let spring = try #require(TimeExpression("2026-03-29")?.unixTime(at: 0))
            #expect(UTC.text(spring) == "2026-03-28T23:00:00Z")
            #expect(LocalCalendar.dayStart(spring + 1000, movedBy: 1) - spring == 23 * 3600)
            let autumn = try #require(TimeExpression("2026-10-25")?.unixTime(at: 0))
            #expect(LocalCalendar.dayStart(autumn, movedBy: 1) - autumn == 25 * 3600)
            #expect(TimeExpression("yesterday")?.unixTime(at: autumn + 86_400) == autumn - 86_400)
            #expect(LocalCalendar.moment(autumn).offset == "+02:00")
            #expect(LocalCalendar.moment(autumn + 5 * 3600).text == "2026-10-25 04:00")
        }
        at("UTC") { #expect(TimeExpression("2026-03-29")?.unixTime(at: 0) == 1_774_742_400) }
    }

    @Test func stepsCoverTheSpanAndAreFew() throws {
        try at(Self.berlin) {
            let start = try #require(TimeExpression("2026-10-20 13:17")?.unixTime(at: 0))
            for length in [60, 3600, 86_400, 7 * 86_400, 60 * 86_400, 366 * 86_400, 2000 * 86_400] as [Int64] {
                let steps = ReportSteps.boundaries(since: start, until: start + length)
                #expect(steps.first == start)
                #expect(steps.count <= 120)
                #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 })
                #expect(steps.allSatisfy { $0 < start + length })
            }
            let days = ReportSteps.boundaries(since: start, until: start + 8 * 86_400)
            #expect(days.dropFirst().allSatisfy { LocalCalendar.moment($0).text.hasSuffix("00:00") })
        }
    }
}
