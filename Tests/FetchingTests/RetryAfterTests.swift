import Testing

@testable import Fetching

/// RFC 9110, 10.2.3 and 5.6.7.
@Suite struct RetryAfterTests {
    @Test(arguments: [
        ("0", 0), ("120", 120), ("Thu, 01 Jan 1970 00:01:40 GMT", 90), ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
        ("4294967295", 4_294_967_295), ("99999999999999999999999", 4_294_967_295),
        // Two forms of old.
        ("Thursday, 01-Jan-70 00:01:40 GMT", 90), ("Thu Jan  1 00:01:40 1970", 90),
    ])
    func theseArePauses(_ text: String, _ seconds: Int) {
        #expect(RetryAfter.pause(text, now: 10) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "-1", "+5", "1.5", "1e3", " 5", "soon", "\u{0665}", "Thu, 32 Jan 1970 00:01:40 GMT",
        "Thu, 00 Jan 1970 00:01:40 GMT", "Mon, 30 Feb 2026 00:00:00 GMT", "Thu, 01 Jan 1970 00:01 GMT",
        "Thu, 01 Jan 1970 00:01:40", "Thu, 01 Jan 1970 24:00:00 GMT", "Thu, 01 Jan 1970 00:01:4: GMT",
        "Thursday, 01-Jan-1970 00:01:40 GMT", "Thu Jan 1 00:01:40 70",
    ])
    func theseAreNot(_ text: String) {
        #expect(RetryAfter.pause(text, now: 10) == nil)
    }

    @Test func withoutTheHeaderThereIsNone() { #expect(RetryAfter.pause(nil, now: 10) == nil) }

    /// From `date --utc --date=... +%s`.
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
        ("Fri, 31 Dec 2999 00:00:00 GMT", 32_503_593_600),
    ])
    func dates(_ text: String, _ time: Double) {
        #expect(HTTPDate.unixTime(text, now: 1_795_000_000) == time)
    }

    /// Of the year 2026: 76 is 2076, and 77 is 1977.
    @Test func yearsOfTwoDigits() {
        #expect(HTTPDate.unixTime("Wednesday, 01-Jan-76 00:00:00 GMT", now: 1_795_000_000) == 3_345_062_400)
        #expect(HTTPDate.unixTime("Saturday, 01-Jan-77 00:00:00 GMT", now: 1_795_000_000) == 220_924_800)
    }
}
