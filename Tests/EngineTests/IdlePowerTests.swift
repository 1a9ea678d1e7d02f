import Attribution
import Engine
import Linux
import Simulation
import Snapshot
import TestSupport
import Testing
import Units

/// A simulated machine under load from the start, as an agent sees it.
@Suite struct IdlePowerTests {
    /// Windows of a second of a machine of two CPUs, half busy; returns the last snapshot.
    private func run(
        _ host: FakeHost, _ engine: Engine, seconds: Int, seed: UInt64, rests: Bool = false
    ) throws -> Snapshot {
        var generator = SeededGenerator(seed: seed)
        let model = MachineModel()
        var truth = SimulationTruth()
        var shown = (0.0, 0.0)
        var snapshot = try host.tick(engine, after: 0.5)
        for second in 0..<seconds {
            let busy =
                rests && second % 30 < 10
                ? 0.004 : 1 + 0.05 * (0..<3).reduce(0) { sum, _ in sum + Double.random(in: -1...1, using: &generator) }
            let micros = UInt64(busy * 1e6)
            try host.run("/load", microseconds: micros)
            let before = (truth.package.joules, truth.dram.joules)
            truth.advance(model, seconds: 1, busy: Double(micros) / 1e6, workloads: [:])
            let lag = Double.random(in: 0...0.02, using: &generator)
            let now = (
                truth.package.joules - lag * (truth.package.joules - before.0),
                truth.dram.joules - lag * (truth.dram.joules - before.1)
            )
            try host.draw("intel-rapl:0", microjoules: UInt64((now.0 - shown.0) * 1e6))
            try host.draw("intel-rapl:0:0", microjoules: UInt64((now.1 - shown.1) * 1e6))
            shown = now
            snapshot = try host.tick(engine)
        }
        return snapshot
    }

    private func prepare() throws -> FakeHost {
        let host = try FakeHost()
        try host.makeCgroup("/load")
        return host
    }

    @Test func atHalfLoadFromTheStartTheTruthLiesWithinTheBounds() throws {
        var inside = 0
        for seed in 0..<100 {
            let host = try prepare()
            let snapshot = try run(host, host.makeEngine(), seconds: 100, seed: UInt64(seed))
            let state = try #require(snapshot.node.staticPower)
            inside += state.lowWatts <= 36 && 36 <= state.highWatts && state.highWatts <= 2.5 * state.lowWatts ? 1 : 0
            #expect(state.quality != "learned" && state.dynamicQuality != "measured")
        }
        #expect(inside >= 95, "\(inside)")
    }

    @Test func aGuessIsTold() throws {
        let host = try prepare()
        let snapshot = try run(host, host.makeEngine(), seconds: 8, seed: 1)
        let state = try #require(snapshot.node.staticPower)
        let notice = try #require(snapshot.agent.notices.first { $0.contains("idle power") })
        #expect(notice.contains("never seen below") && notice.contains("--power.idle"))
        #expect(state.quality == "prior" && state.dynamicQuality == "estimated")
        #expect(state.quietestCPUs ?? 0 > 0.7)
        let zone = try #require(snapshot.node.zones.first { $0.name == "package-0" })
        #expect(zone.quality == "measured" && zone.dynamicQuality == "estimated")
        #expect(zone.staticLowWatts ?? 99 < zone.staticWatts && zone.staticHighWatts ?? 0 > zone.staticWatts)
    }

    @Test func restSettlesIt() throws {
        let host = try prepare()
        let snapshot = try run(host, host.makeEngine(), seconds: 70, seed: 2, rests: true)
        let state = try #require(snapshot.node.staticPower)
        #expect(state.quality == "learned" && state.dynamicQuality == "measured")
        #expect(abs(state.watts - 36) < 1 && state.highWatts < 1.15 * state.lowWatts)
        #expect(!snapshot.agent.notices.contains { $0.contains("idle power") })
    }

    @Test func theOperatorMayGiveIt() throws {
        let host = try prepare()
        let engine = try host.makeEngine { $0.idlePower = .node(Watts(36)) }
        let snapshot = try run(host, engine, seconds: 20, seed: 3)
        let state = try #require(snapshot.node.staticPower)
        #expect(state.quality == "configured" && abs(state.watts - 36) < 1e-6 && state.lowWatts == state.highWatts)
        #expect(!snapshot.agent.notices.contains { $0.contains("idle") })
        let wrong = try prepare()
        let other = try run(
            wrong, wrong.makeEngine { $0.idlePower = .components([.package: Watts(90)]) }, seconds: 10, seed: 3)
        #expect(other.agent.notices.contains { $0.contains("--power.idle gives package-0 90 W") })
    }

    /// What was learned at rest is known after a restart and after a boot, but on no other machine.
    @Test(arguments: ["restart", "boot", "other CPU", "more CPUs", "damaged file"])
    func itIsRememberedByTheSameMachine(_ what: String) throws {
        let host = try prepare()
        let file = host.file("state")
        _ = try run(host, host.makeEngine(stateFile: file), seconds: 70, seed: 4, rests: true)
        let bytes = try readFile(file)
        switch what {
        case "boot": try host.boot()
        case "other CPU":
            _ = try host.store(
                "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 143\nstepping : 4\nmodel name : Other\n",
                as: "proc/cpuinfo")
        case "more CPUs":
            _ = try host.store(
                "cpu  0 0 0 0 0 0 0 0\n" + (0..<4).map { "cpu\($0) 0 0 0 0 0 0 0 0\n" }.joined(), as: "proc/stat")
        case "damaged file": try writeFile(file, bytes: Array(bytes.prefix(200)))
        default: break
        }
        let engine = try host.makeEngine(stateFile: file)
        let snapshot = try run(host, engine, seconds: 12, seed: 5)
        let state = try #require(snapshot.node.staticPower)
        let isKnown = what == "restart" || what == "boot"
        #expect((state.quality == "learned") == isKnown, "\(state)")
        if isKnown { #expect(abs(state.watts - 36) < 1.5) }
    }
}
