import Accounting
import Testing
import Workloads

@testable import Engine

/// The order in which the kernel programs tell: removed first, forgotten by the kernel later.
@Suite struct WorkloadTableTests {
    private func tick(_ table: inout WorkloadTable, _ used: [UInt64: UInt64]) -> UInt64 {
        table.beginWindow()
        for (cgroup, time) in used.sorted(by: { $0.key < $1.key }) {
            table.use(
                AccountingSample.Usage(cgroup: cgroup, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
        }
        return table.ownNanoseconds.reduce(0, +)
    }

    @Test func whatEndedIsKeptUntilTheKernelHasToldTheLastOfIt() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 7, path: "/a")
        #expect(tick(&table, [7: 500]) == 500)
        table.remove(cgroup: 7, at: 1)
        _ = table.retire(at: 2)
        // Still told of, and a little more of it: none of it anew.
        #expect(tick(&table, [7: 510]) == 10)
        _ = table.retire(at: 3)
        #expect(table.workloads.filter(\.isShown).map(\.id) == ["cgroup:7"])
        table.forget(cgroup: 7)
        let retired = table.retire(at: 4)
        #expect(retired)
        #expect(tick(&table, [:]) == 0)
        let ended = table.workloads.filter(\.isShown)
        #expect(ended.map(\.id) == [WorkloadTable.endedID])
        #expect(ended.first?.account.cpuNanoseconds == 510)
    }

    @Test func aPlaceThatIsUsedAgainHasNoPast() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/parent.slice")
        table.add(cgroup: 2, path: "/parent.slice/one.service")
        _ = tick(&table, [2: 100])
        table.remove(cgroup: 2, at: 1)
        table.forget(cgroup: 2)
        _ = table.retire(at: 1)
        table.add(cgroup: 3, path: "/parent.slice/two.service")
        _ = tick(&table, [3: 5])
        let shown = Dictionary(
            uniqueKeysWithValues: table.workloads.filter(\.isShown).map {
                ($0.identity.path, $0.account.cpuNanoseconds)
            })
        #expect(shown == ["/parent.slice": 105, "/parent.slice/two.service": 5])
    }
}

@Suite struct RenamedWorkloadTests {
    private func live(_ table: WorkloadTable) -> [String] {
        table.workloads.filter { $0.isShown && $0.endedAt == nil }.map(\.identity.path).sorted()
    }

    @Test func aPlainCgroupKeepsItsPastUnderItsNewName() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/old")
        table.beginWindow()
        table.use(AccountingSample.Usage(cgroup: 1, counters: UsageCounters(cpuNanoseconds: 70)), isBase: false)
        table.rename(cgroup: 1, path: "/new", at: 1)
        table.use(AccountingSample.Usage(cgroup: 1, counters: UsageCounters(cpuNanoseconds: 100)), isBase: false)
        #expect(live(table) == ["/new"])
        #expect(table.workloads.map(\.account.cpuNanoseconds) == [100])
    }

    /// What it is may be another thing then: the unit ends, and its past is not the other's.
    @Test func aUnitThatIsRenamedEnds() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/one.service")
        table.beginWindow()
        table.use(AccountingSample.Usage(cgroup: 1, counters: UsageCounters(cpuNanoseconds: 70)), isBase: false)
        table.rename(cgroup: 1, path: "/two.service", at: 1)
        table.use(AccountingSample.Usage(cgroup: 1, counters: UsageCounters(cpuNanoseconds: 100)), isBase: false)
        #expect(live(table) == ["/two.service"])
        #expect(table.workloads.first { $0.identity.path == "/one.service" }?.account.cpuNanoseconds == 70)
        #expect(table.workloads.first { $0.identity.path == "/two.service" }?.account.cpuNanoseconds == 30)
    }
}
