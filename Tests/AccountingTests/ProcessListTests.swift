import Testing

@testable import Accounting

@Suite struct ProcessListTests {
    private func process(_ pid: Int32, _ nanoseconds: UInt64, exited: Bool = false) -> AccountingSample.ProcessUsage {
        .init(cgroup: 1, pid: pid, cpuNanoseconds: nanoseconds, comm: "p", hasExited: exited)
    }

    private func pids(_ list: ProcessList) -> [Int32] { list.all.map(\.pid).sorted() }

    @Test func thoseThatDoNotChangeStay() {
        var list = ProcessList()
        for pid in 1...3 { list.update(process(Int32(pid), 1), isFinal: false) }
        list.beginTick()
        list.update(process(2, 9), isFinal: false)
        #expect(pids(list) == [1, 2, 3])
        #expect(list.all.first { $0.pid == 2 }?.cpuNanoseconds == 9)
    }

    @Test func aProcessIsReportedOnceMoreWhenItEnds() {
        var list = ProcessList()
        for pid in 1...4 { list.update(process(Int32(pid), 1), isFinal: false) }
        list.beginTick()
        list.update(process(1, 2, exited: true), isFinal: false)
        list.beginTick()
        list.update(process(1, 3, exited: true), isFinal: true)
        list.end(.init(cgroup: 1, pid: 3))
        #expect(pids(list) == [1, 2, 3, 4] && list.all.filter(\.hasExited).count == 2)
        list.beginTick()
        #expect(pids(list) == [2, 4])
        // The places of those that are left are right.
        list.update(process(4, 8), isFinal: false)
        #expect(pids(list) == [2, 4] && list.all.first { $0.pid == 4 }?.cpuNanoseconds == 8)
    }

    @Test func whatAFullReadingDoesNotFindEnds() {
        var list = ProcessList()
        for pid in 1...3 { list.update(process(Int32(pid), 1), isFinal: false) }
        list.keep([.init(cgroup: 1, pid: 2)])
        #expect(list.all.filter(\.hasExited).map(\.pid).sorted() == [1, 3])
        list.beginTick()
        #expect(pids(list) == [2])
    }
}
