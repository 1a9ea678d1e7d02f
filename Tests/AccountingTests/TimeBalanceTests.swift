import Accounting
import Testing

@Suite struct TimeBalanceTests {
    /// On a busy machine a second reading of the clock is late; the samples have their own times.
    @Test func theBalanceIsOfTheTimeBetweenTheReadings() throws {
        var first = CPUTimeTotals()
        var last = first
        first.charged = 5_000_000_000
        last.charged = 6_500_000_000
        last.idle = 1_400_000_000
        last.stolen = 100_000_000
        last.moment = first.moment + .milliseconds(1500)
        last.onlineThroughout = 2
        let balance = try #require(TimeBalance(from: first, to: last))
        #expect(balance.accounted == .seconds(3) && balance.elapsed == .seconds(3) && balance.error == 0)
        last.charged += 300_000_000
        #expect(abs(try #require(TimeBalance(from: first, to: last)).error - 0.1) < 1e-9)
        last.onlineThroughout = nil
        #expect(TimeBalance(from: first, to: last) == nil)
    }
}
