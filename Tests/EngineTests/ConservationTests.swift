import Engine
import Snapshot
import TestSupport
import Testing

@Suite struct ConservationTests {
    /// Whatever starts, ends, runs and draws power: every tick adds up to the microjoule, and nothing that is a total of
    /// others ever falls.
    @Test(arguments: [11, 12, 13]) func everyTickAddsUp(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let host = try FakeHost()
        let engine = try host.makeEngine(retention: .seconds(20), retentionLimit: 5)
        var alive: [String] = ["/"]
        var made = 0
        var before: Snapshot?
        for _ in 0..<120 {
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let parent = try #require(alive.randomElement(using: &generator))
                made += 1
                let names = ["grp\(made)", "app\(made).slice", "svc\(made).service", "docker-\(hexID(made)).scope"]
                let name = try #require(names.randomElement(using: &generator))
                let path = (parent == "/" ? "" : parent) + "/" + name
                try host.makeCgroup(path)
                alive.append(path)
            }
            if alive.count > 8, let victim = alive.dropFirst().randomElement(using: &generator) {
                host.removeCgroup(victim)
                alive.removeAll { $0 == victim || $0.hasPrefix(victim + "/") }
            }
            for path in alive where Bool.random(using: &generator) {
                try host.run(path, microseconds: .random(in: 0...500, using: &generator))
            }
            try host.draw("intel-rapl:0", microjoules: .random(in: 0...90_000, using: &generator))
            try host.draw("intel-rapl:0:0", microjoules: .random(in: 0...9_000, using: &generator))
            if Int.random(in: 0..<10, using: &generator) == 0 { try host.rapl.setRaw("intel-rapl:0:0", "junk") }

            let snapshot = try host.tick(engine)
            for zone in snapshot.node.zones {
                #expect(snapshot.conservationError(of: zone) == 0, "\(zone.name) at tick \(snapshot.sequence)")
            }
            checkTree(snapshot)
            if let before { checkGrowth(from: before, to: snapshot) }
            before = snapshot
        }
        let last = try #require(before)
        #expect(last.workloads.contains { $0.id == "ended" }, "nothing was retired: the test is too tame")
        #expect(last.workloads.count < made)
    }

    /// A parent holds at least what its children hold together.
    private func checkTree(_ snapshot: Snapshot) {
        let ids = Set(snapshot.workloads.map(\.id))
        #expect(ids.count == snapshot.workloads.count)
        var children: [String: UInt64] = [:]
        for workload in snapshot.workloads {
            guard let parent = workload.parentId else { continue }
            #expect(ids.contains(parent))
            children[parent, default: 0] += total(workload)
        }
        for workload in snapshot.workloads {
            #expect(total(workload) >= children[workload.id] ?? 0)
        }
    }

    private func checkGrowth(from before: Snapshot, to after: Snapshot) {
        for zone in before.node.zones {
            let now = after.node.zones.first { $0.name == zone.name }?.energyMicrojoules ?? 0
            #expect(now >= zone.energyMicrojoules)
        }
        let now = Dictionary(uniqueKeysWithValues: after.workloads.map { ($0.id, $0) })
        for workload in before.workloads {
            guard let same = now[workload.id] else { continue }
            #expect(total(same) >= total(workload), "\(workload.id)")
            #expect(same.cpuSeconds >= workload.cpuSeconds)
            #expect(same.emissionsGrams ?? 0 >= workload.emissionsGrams ?? 0)
        }
        for (old, new) in zip(before.parts, after.parts) {
            for (was, energy) in zip(old.energy, new.energy) { #expect(energy >= was, "\(old.name)") }
        }
    }

    private func total(_ workload: Snapshot.Workload) -> UInt64 {
        workload.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules + $1.staticMicrojoules }
    }

    private func hexID(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "a", count: 64 - digits.count) + digits
    }
}
