import Accounting
import Impact
import TestSupport
import Testing
import Workloads

@testable import Ledger

/// Random sequences of events.
@Suite struct RandomEventTests {
    private let uids = (1...4).map { "9d5f6a3e-1111-2222-8333-01234567890\($0)" }

    private func path(_ random: inout SeededGenerator, below parents: [String]) -> String {
        let parent = parents.randomElement(using: &random) ?? ""
        let number = Int.random(in: 1...9, using: &random)
        let id = String(repeating: "ab\(number)0", count: 16)
        let uid = uids.randomElement(using: &random)?.replacing("-", with: "_") ?? ""
        let names = [
            "s\(number).slice", "u\(number).service", "plain\(number)", "docker-\(id).scope",
            "kubepods-pod\(uid).slice", "cri-containerd-\(id).scope",
        ]
        return parent + "/" + (names.randomElement(using: &random) ?? "x")
    }

    /// Cgroups appear, move, run, get names and disappear in any order: every part of the ledger agrees
    /// with itself and the others, everything adds up to the microjoule, and no total falls while its workload is
    /// shown.
    @Test(arguments: 1...12) func everythingAddsUp(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = Ledger(retention: 3, retentionLimit: 5) { path in
            path.hasPrefix("/s2.slice/") ? UserGround(depth: 1, user: seed.isMultiple(of: 3) ? nil : 7) : nil
        }
        var live: [UInt64: (path: String, time: UInt64)] = [:]
        var removed: [UInt64: UInt64] = [:]
        var nextID: UInt64 = 1
        var before: [WorkloadID: Totals] = [:]
        for step in 0..<150 {
            let now = Double(step)
            ledger.beginWindow()
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let path = path(&random, below: [""] + live.values.map(\.path).sorted())
                live[nextID] = (path, 0)
                // Some are used before their path is known.
                if Int.random(in: 0..<5, using: &random) > 0 { ledger.add(cgroup: nextID, path: path, at: now) }
                nextID += 1
            }
            if let id = live.keys.sorted().randomElement(using: &random), Bool.random(using: &random) {
                let path = path(&random, below: [""])
                live[id]?.path = path
                ledger.rename(cgroup: id, path: path, at: now)
            }
            let ids = Array(ledger.tree.ids)
            if let id = ids.randomElement(using: &random), let kind = ledger.tree[id]?.identity.kind, kind == .pod {
                let facts = [
                    "k8s.namespace.name": "ns\(Int.random(in: 1...2, using: &random))", "k8s.owner.kind": "Job",
                    "k8s.owner.name": "j\(Int.random(in: 1...3, using: &random))",
                ]
                ledger.describe(id, as: facts, dimensions: RollUpDimensions(labels: []))
            }
            var reports: [AccountingSample.ProcessUsage] = []
            for id in live.keys.sorted() where Bool.random(using: &random) {
                live[id]?.time += UInt64.random(in: 0...1000, using: &random)
                let time = live[id]?.time ?? 0
                ledger.use(.init(cgroup: id, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
                reports.append(.init(cgroup: id, pid: Int32(id), cpuNanoseconds: time, comm: "c\(id % 3)"))
            }
            for (id, time) in removed.sorted(by: { $0.key < $1.key }) where Bool.random(using: &random) {
                ledger.use(.init(cgroup: id, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
            }
            if live.count > 12, let id = live.keys.sorted().randomElement(using: &random) {
                removed[id] = live.removeValue(forKey: id)?.time
                ledger.remove(cgroup: id, at: now)
            }
            ledger.update(reports, isBase: false)
            for id in removed.keys.sorted() where Int.random(in: 0..<3, using: &random) == 0 {
                removed[id] = nil
                ledger.forget(cgroup: id)
            }
            share(&ledger, &random)
            ledger._checkInvariants()
            ledger.retire(at: now)
            ledger._checkInvariants()
            for zone in 0..<2 { #expect(ledger.conservationError(zone: zone) == 0, "step \(step)") }
            let labels = ledger.shown.map(LabelTests.labels)
            #expect(Set(labels).count == labels.count, "step \(step)")
            var after: [WorkloadID: Totals] = [:]
            for id in ledger.tree.ids {
                let totals = ledger.totals(of: id)
                after[id] = totals
                guard let old = before[id] else { continue }
                #expect(totals.cpuNanoseconds >= old.cpuNanoseconds)
                #expect(totals.dynamicEnergy(0) >= old.dynamicEnergy(0))
                if !ledger.changes[id.index].contains(.totals) { #expect(totals.cpuNanoseconds == old.cpuNanoseconds) }
            }
            before = after
            ledger.forgetChanges()
        }
        #expect(ledger.id(WorkloadTree.endedKey) != nil, "nothing was retired: the test is too tame")
    }

    /// Divides some energy of two zones among those that ran.
    private func share(_ ledger: inout Ledger, _ random: inout SeededGenerator) {
        for zone in 0..<2 {
            var dynamic = ledger.window.rows.map { _ in UInt64.random(in: 0...5000, using: &random) }
            var fixed = ledger.window.rows.map { _ in zone == 0 ? 0 : UInt64.random(in: 0...50, using: &random) }
            let idle = UInt64.random(in: 0...100, using: &random)
            ledger.node.idle.credit(dynamic: idle, zone: zone)
            let sum = dynamic.reduce(0, +) + fixed.reduce(0, +) + idle
            ledger.node.whole.credit(dynamic: sum, zone: zone)
            ledger.credit(dynamic: &dynamic, static: &fixed, zone: zone)
        }
        ledger.endWindow(.init(gramsPerKilowattHour: 400, pue: 1.2))
    }
}
