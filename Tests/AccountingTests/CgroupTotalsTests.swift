import Testing

@testable import Accounting

@Suite struct CgroupTotalsTests {
    private func counters(_ nanoseconds: UInt64, switches: UInt64 = 0) -> UsageCounters {
        var counters = UsageCounters(cpuNanoseconds: nanoseconds)
        counters.voluntarySwitches = switches
        return counters
    }

    @Test func onlyChangesAreReported() {
        var totals = CgroupTotals()
        #expect(totals.update(1, counters(5))?.cpuNanoseconds == 5)
        #expect(totals.update(1, counters(5)) == nil)
        #expect(totals.update(1, counters(5, switches: 1)) != nil)
        #expect(totals.update(2, counters(7)) != nil)
        #expect(totals.cpuNanoseconds == 12 && totals.count == 2)
    }

    /// Nothing that the replaced programs counted is lost, reported twice, or taken back.
    @Test func totalsContinueAcrossReplacedPrograms() {
        var totals = CgroupTotals()
        _ = totals.update(1, counters(10))
        _ = totals.update(2, counters(10))
        totals.replacePrograms([(1, counters(12)), (2, counters(10)), (3, counters(4))])
        // The new ones have seen only the first.
        #expect(totals.update(1, counters(3))?.cpuNanoseconds == 15)
        #expect(totals.takeUnreported().map(\.cgroup) == [3])
        #expect(totals.takeUnreported().isEmpty)
        #expect(totals.update(2, counters(1))?.cpuNanoseconds == 11)
        #expect(totals.cpuNanoseconds == 15 + 11 + 4)
        // And once more.
        totals.replacePrograms([(1, counters(5))])
        #expect(totals.takeUnreported().map(\.cpuNanoseconds) == [17])
        #expect(totals.update(1, counters(1))?.cpuNanoseconds == 18)
        #expect(totals.cpuNanoseconds == 18 + 11 + 4)
    }

    @Test func aForgottenCgroupCountsFromZero() {
        var totals = CgroupTotals()
        _ = totals.update(1, counters(10))
        totals.replacePrograms([(1, counters(10))])
        totals.forget(1)
        #expect(totals.takeUnreported().isEmpty && totals.count == 0)
        #expect(totals.update(1, counters(2))?.cpuNanoseconds == 2)
        #expect(totals.cpuNanoseconds == 12)
    }
}
