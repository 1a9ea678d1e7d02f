import Accounting
import Impact
import TestSupport
import Testing
import Workloads

@testable import Ledger

/// Users may make any number of cgroups: what there is no room for is added up, and costs others nothing.
@Suite struct FoldingTests {
    private let user: UInt64 = 1_000_000

    private func makeLedger(limit: Int = 256) -> Ledger {
        var ledger = Ledger(retention: 5, retentionLimit: 100, workloadLimit: limit)
        ledger.add(cgroup: 1, path: "/")
        ledger.add(cgroup: 2, path: "/honest.service")
        ledger.add(cgroup: user, path: "/user")
        return ledger
    }

    private func add(_ number: UInt64, to ledger: inout Ledger, path: String? = nil, parent: UInt64? = nil) {
        ledger.add(
            .init(
                id: user + number, path: path ?? "/user/c\(number)", parent: parent ?? user, delegation: user))
    }

    @Test func whatThereIsNoRoomForIsAddedUp() {
        var ledger = makeLedger()
        for number in UInt64(1)...100 { add(number, to: &ledger) }
        // An eighth of 256 is one user's.
        #expect(ledger.tree.folded == 68)
        #expect(ledger.shown.count(where: { $0.delegation == user && !$0.isSum }) == 32)
        var readings: [UInt64: UInt64] = [2: 500]
        for number in UInt64(1)...100 { readings[user + number] = number }
        ledger.tick(readings, energy: [2: 700, user + 3: 30, user + 99: 40])
        #expect(ledger.time("unit:/honest.service") == 500)
        #expect(ledger.time("other:/user") == (33...100).reduce(0, +))
        #expect(ledger.parent("other:/user") == "cgroup:\(user)")
        #expect(ledger.time("cgroup:\(user)") == 5050)
        #expect(ledger.id("other:/user").map { ledger.totals(of: $0).dynamicEnergy(0) } == 40)
        #expect(ledger.tops == 5550 && ledger.conservationError(zone: 0) == 0)
        // A reading that comes again adds nothing; one that is higher, its growth.
        readings[user + 99] = 109
        ledger.tick(readings)
        #expect(ledger.time("other:/user") == 4522 + 10)
    }

    /// Root's workloads come when users have filled their part.
    @Test func usersTakeNothingFromRoot() {
        var ledger = makeLedger()
        for owner in UInt64(1)...40 {
            for number in UInt64(1)...50 {
                ledger.add(
                    .init(id: owner << 32 | number, path: "/u\(owner)/c\(number)", delegation: owner << 32))
            }
        }
        #expect(ledger.shown.count(where: { $0.delegation != 0 && !$0.isSum }) <= 128)
        // And every user has some.
        for owner in UInt64(1)...10 { #expect(ledger.shown.contains { $0.delegation == owner << 32 && !$0.isSum }) }
        let before = ledger.tree.folded
        for number in UInt64(0)..<60 { ledger.add(cgroup: 10 + number, path: "/u\(number).service") }
        #expect(ledger.tree.folded == before)
        ledger._checkInvariants()
    }

    /// What lies below what is added up is added up with it, in whatever order room appears.
    @Test func whatLiesInAFoldedCgroupIsPartOfTheSum() {
        var ledger = makeLedger()
        for number in UInt64(1)...40 { add(number, to: &ledger) }
        add(50, to: &ledger, path: "/user/c40/inside", parent: user + 40)
        ledger.remove(cgroup: user + 1, at: 1)
        ledger.forget(cgroup: user + 1)
        ledger.retire(at: 10)
        add(51, to: &ledger, path: "/user/c40/docker-\(String(repeating: "ab", count: 32)).scope", parent: user + 40)
        ledger.tick([user + 50: 3, user + 51: 4])
        #expect(ledger.time("other:/user") == 7)
        #expect(ledger.tree.awaiting.isEmpty)
        // There is room for one again.
        add(52, to: &ledger)
        #expect(ledger.id("cgroup:\(user + 52)") != nil)
    }

    @Test func whatLiesTooDeepIsPartOfTheLastThatDoesNot() {
        var ledger = makeLedger()
        for number in UInt64(1)...9 {
            ledger.add(.init(id: user + number, path: "/user", parent: user, delegation: user, isDeep: true))
        }
        ledger.tick([user + 5: 12])
        #expect(ledger.time("other:/user") == 12 && ledger.tree.folded == 9)
        for number in UInt64(1)...9 {
            ledger.remove(cgroup: user + number, at: 1)
            ledger.forget(cgroup: user + number)
        }
        ledger.beginWindow()
        ledger.endWindow()
        ledger.retire(at: 10)
        #expect(ledger.tree.folded == 0 && ledger.id("other:/user") == nil && ledger.time("cgroup:\(user)") == 12)
    }

    /// A user may call a cgroup `(other)`; what lies in a container is part of it and not of a sum.
    @Test func sumsHaveTheirOwnPlace() {
        var ledger = makeLedger()
        add(1, to: &ledger, path: "/user/(other)")
        let container = "/docker-\(String(repeating: "ab", count: 32)).scope"
        ledger.add(cgroup: 3, path: container)
        ledger.add(.init(id: user + 7, path: container + "/x", parent: 3, isDeep: true))
        ledger.add(.init(id: user + 8, path: "/user", parent: user, delegation: user, isDeep: true))
        ledger.tick([user + 1: 1, user + 7: 2, user + 8: 4])
        #expect(ledger.time("cgroup:\(user + 1)") == 1 && ledger.time("other:/user") == 4)
        #expect(ledger.time("container:\(String(repeating: "ab", count: 32))") == 2)
    }

    /// A cgroup that ran before its path was known is one of a few, or one of those that are added up.
    @Test func unknownOnesAreAddedUpToo() {
        var ledger = makeLedger(limit: 10000)
        ledger.tick(Dictionary(uniqueKeysWithValues: (1...400).map { (user + $0, 10) }))
        #expect(ledger.shown.count < 270 && ledger.tops == 4000)
        for number in UInt64(1)...400 { add(number, to: &ledger) }
        ledger.tick(Dictionary(uniqueKeysWithValues: (1...400).map { (user + $0, 20) }))
        #expect(ledger.tops == 8000 && ledger.tree.folded == 0)
        #expect(ledger.time("cgroup:\(user)") == 256 * 20 + 144 * 10)
    }

    /// In whatever order a user makes, uses and removes cgroups, and whatever room there is: everything adds up, no total
    /// falls, and the honest workload has what it used.
    @Test(arguments: 1...4) func everythingAddsUp(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = makeLedger(limit: Int.random(in: 20...300, using: &random))
        var paths: [UInt64: String] = [user: "/user"]
        var times: [UInt64: UInt64] = [2: 0]
        var removed: [UInt64: UInt64] = [:]
        var before: [WorkloadID: UInt64] = [:]
        for step in 0..<80 {
            let now = Double(step)
            ledger.beginWindow()
            for number in 0..<UInt64.random(in: 0...9, using: &random) {
                let id = user + UInt64(step) * 10 + number + 1
                guard let parent = paths.keys.sorted().randomElement(using: &random) else { continue }
                let name = ["c\(id)", "u\(id).service", "s\(id).slice"].randomElement(using: &random) ?? ""
                paths[id] = (paths[parent] ?? "") + "/" + name
                times[id] = 0
                let isDeep = Int.random(in: 0..<8, using: &random) == 0
                let path = isDeep ? paths[parent] : paths[id]
                // Some are used before their path is known, or their parent's id.
                guard Int.random(in: 0..<6, using: &random) > 0 else { continue }
                let known = Bool.random(using: &random) ? parent : 0
                ledger.add(
                    .init(id: id, path: path ?? "", parent: known, delegation: user, isDeep: isDeep), at: now)
            }
            for id in times.keys.sorted() where id == 2 || Bool.random(using: &random) {
                times[id, default: 0] += UInt64.random(in: 0...1000, using: &random)
                ledger.use(.init(cgroup: id, counters: UsageCounters(cpuNanoseconds: times[id] ?? 0)), isBase: false)
            }
            for id in times.keys.sorted() where id > user && Int.random(in: 0..<20, using: &random) == 0 {
                removed[id] = times.removeValue(forKey: id)
                paths[id] = nil
                ledger.remove(cgroup: id, at: now)
            }
            for id in removed.keys.sorted() where Bool.random(using: &random) {
                removed[id] = nil
                ledger.forget(cgroup: id)
            }
            var energy: [UInt64: UInt64] = [:]
            for id in times.keys { energy[id] = UInt64.random(in: 0...500, using: &random) }
            ledger.endWindow(energy: energy)
            ledger.retire(at: now)
            ledger._checkInvariants()
            #expect(ledger.conservationError(zone: 0) == 0)
            #expect(ledger.time("unit:/honest.service") == times[2])
            var after: [WorkloadID: UInt64] = [:]
            for id in ledger.tree.ids {
                after[id] = ledger.totals(of: id).cpuNanoseconds
                if let old = before[id] { #expect(after[id] ?? 0 >= old) }
            }
            before = after
            ledger.forgetChanges()
        }
        #expect(ledger.tree.folded > 0, "nothing was folded: the test is too tame")
    }
}
