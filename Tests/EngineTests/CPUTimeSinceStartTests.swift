import Accounting
import Testing
import Units

@testable import Engine

@Suite struct CPUTimeBalanceTests {
    /// Half a second in which two CPUs were charged for the first, another in which one of them went offline.
    @Test func aWindowInWhichACPUWentIsNotHeldAgainstTheClock() {
        var totals = CPUTimeTotals()
        (totals.charged, totals.idle, totals.stolen) = (1_000_000_000, 500_000_000, 0)
        var balance = CPUTimeBalance(startingAt: totals)
        totals.moment += .milliseconds(500)
        totals.charged += 600_000_000
        totals.idle += 300_000_000
        totals.stolen += 50_000_000
        totals.onlineThroughout = 2
        balance.add(totals)
        #expect(abs(balance.unaccountedSeconds - 0.05) < 1e-9)
        totals.moment += .milliseconds(500)
        totals.charged += 700_000_000
        totals.onlineThroughout = nil
        balance.add(totals)
        #expect(abs(balance.unaccountedSeconds - 0.05) < 1e-9)
        totals.moment += .milliseconds(500)
        totals.charged += 480_000_000
        totals.onlineThroughout = 1
        balance.add(totals)
        #expect(abs(balance.unaccountedSeconds - 0.07) < 1e-9)
        #expect(balance.charged.value == 1.78 && balance.idle.value == 0.3 && balance.stolen.value == 0.05)
    }
}
