import Accounting
import Testing
import Units

@testable import Engine

@Suite struct CPUTimeSinceStartTests {
    /// Half a second each: with two CPUs, with one that went offline, and with the other one alone.
    @Test func aWindowInWhichACPUWentIsNotHeldAgainstTheClock() throws {
        var totals = CPUTimeTotals()
        (totals.charged, totals.idle) = (1_000_000_000, 500_000_000)
        var time = CPUTimeSinceStart(totals)
        #expect(time.balance == nil)
        func add(charged: UInt64, idle: UInt64, stolen: UInt64, cpus: Int?) {
            totals.moment += .milliseconds(500)
            totals.charged += charged * 1_000_000
            totals.idle += idle * 1_000_000
            totals.stolen += stolen * 1_000_000
            totals.onlineThroughout = cpus
            time.add(totals)
        }
        add(charged: 600, idle: 300, stolen: 50, cpus: 2)
        #expect(try #require(time.balance).unaccounted == .milliseconds(50))
        add(charged: 700, idle: 0, stolen: 0, cpus: nil)
        #expect(try #require(time.balance).unaccounted == .milliseconds(50))
        add(charged: 480, idle: 0, stolen: 0, cpus: 1)
        let balance = try #require(time.balance)
        #expect(balance.unaccounted == .milliseconds(70) && balance.elapsed == .milliseconds(1500))
        #expect(time.charged.value == 1.78 && time.idle.value == 0.3 && time.stolen.value == 0.05)
    }
}
