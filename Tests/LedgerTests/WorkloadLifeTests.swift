import Accounting
import Testing
import Workloads

@testable import Ledger

/// The order in which the kernel programs report: removed first, forgotten by the kernel later.
@Suite struct WorkloadLifeTests {
    @Test func whatEndedIsKeptUntilItsLastCountersCame() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a")
        #expect(ledger.tick([7: 500]) == 500)
        ledger.remove(cgroup: 7, at: 1)
        ledger.retire(at: 2)
        // Still counted, and a little more of it: none of it anew.
        #expect(ledger.tick([7: 510]) == 10)
        ledger.retire(at: 3)
        #expect(ledger.shown.map(\.key) == ["cgroup:7"])
        ledger.forget(cgroup: 7)
        ledger.retire(at: 4)
        #expect(ledger.retired.count == 1)
        #expect(ledger.tick() == 0)
        #expect(ledger.shown.map(\.key) == [WorkloadTree.endedKey])
        #expect(ledger.time(WorkloadTree.endedKey) == 510)
    }

    @Test func aPlaceThatIsUsedAgainHasNoPast() throws {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/parent.slice")
        ledger.add(cgroup: 2, path: "/parent.slice/one.service")
        ledger.tick([2: 100])
        let before = try #require(ledger.id("unit:/parent.slice/one.service"))
        ledger.remove(cgroup: 2, at: 1)
        ledger.forget(cgroup: 2)
        ledger.retire(at: 1)
        ledger.add(cgroup: 3, path: "/parent.slice/two.service")
        ledger.tick([3: 5])
        let after = try #require(ledger.id("unit:/parent.slice/two.service"))
        #expect(after.index == before.index && after != before && after.number != before.number)
        #expect(ledger.tree[before] == nil && ledger.totals(of: before) == Totals())
        #expect(ledger.time("slice:/parent.slice") == 105 && ledger.totals(of: after).cpuNanoseconds == 5)
        #expect(ledger.shown.count == 2)
    }

    /// The oldest go where there are too many, and those that ended long ago where there are not.
    @Test func theFirstToEndGoFirst() {
        var ledger = Ledger(retention: 100, retentionLimit: 3)
        ledger.add(cgroup: 100, path: "/s.slice")
        for cgroup in UInt64(1)...5 {
            ledger.add(cgroup: cgroup, path: "/s.slice/\(cgroup).service")
            ledger.tick([cgroup: 10])
        }
        for (second, cgroup) in [UInt64(3), 1, 5, 2].enumerated() {
            ledger.remove(cgroup: cgroup, at: Double(second))
            ledger.forget(cgroup: cgroup)
        }
        func ended() -> [String] { ledger.shown.filter { $0.endedAt != nil }.map(\.identity.name).sorted() }
        ledger.retire(at: 4)
        #expect(ended() == ["1.service", "2.service", "5.service"])
        ledger.retire(at: 101)
        #expect(ended() == ["2.service", "5.service"])
        // Started again: not one that ended.
        ledger.add(cgroup: 9, path: "/s.slice/2.service", at: 101)
        ledger.retire(at: 500)
        #expect(ended().isEmpty && ledger.shown.count == 3)
        #expect(ledger.time("slice:/s.slice") == 50)
        ledger._checkInvariants()
    }

    /// A tick costs what is active: nothing else is touched.
    @Test func idleWorkloadsAreNotTouched() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        for cgroup in UInt64(1)...200 { ledger.add(cgroup: cgroup, path: "/\(cgroup).service") }
        ledger.tick([7: 100])
        ledger.forgetChanges()
        ledger.tick([7: 100, 9: 50])
        let changed = ledger.changes.places.map { ledger.tree[ledger.id(at: $0)]?.identity.name ?? "" }
        #expect(changed == ["7.service", "9.service"])
        #expect(ledger.changes.places.map { ledger.changes[$0] } == [.rates, .totals])
    }
}

@Suite struct RenamedWorkloadTests {
    private func live(_ ledger: Ledger) -> [String] {
        ledger.shown.filter { $0.endedAt == nil }.map(\.identity.path).sorted()
    }

    @Test func aPlainCgroupKeepsItsPastUnderItsNewName() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/old")
        ledger.tick([1: 70])
        ledger.rename(cgroup: 1, path: "/new", at: 1)
        ledger.tick([1: 100])
        #expect(live(ledger) == ["/new"])
        #expect(ledger.time("cgroup:1") == 100)
    }

    /// A cgroup may become part of another workload: the unit ends, and its totals do not move to the other.
    @Test func aUnitThatIsRenamedEnds() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/one.service")
        ledger.tick([1: 70])
        ledger.rename(cgroup: 1, path: "/two.service", at: 1)
        ledger.tick([1: 100])
        #expect(live(ledger) == ["/two.service"])
        #expect(ledger.time("unit:/one.service") == 70 && ledger.time("unit:/two.service") == 30)
    }
}
