import Glibc
import Ledger
import Linux
import Snapshot
import TestSupport
import Testing

@testable import Engine

@Suite struct StateFileTests {
    /// Magic, version, length and checksum of the first block.
    private let header = 8 + 3 * 8
    private let container = "/kubepods/pod0c3e8a52-1111-4222-8333-444455556666/" + String(repeating: "b7", count: 32)

    /// A machine on which units, containers and plain cgroups have used something, some of which have ended.
    private func run(_ host: FakeHost, _ engine: Engine, rounds: Int) throws -> Snapshot {
        var snapshot = try host.tick(engine)
        for round in 0..<rounds {
            for path in ["/s.service", container, "/plain"] { try host.run(path, microseconds: 700) }
            try host.makeCgroup("/short\(round)")
            try host.run("/short\(round)", microseconds: 300)
            try host.draw("intel-rapl:0", microjoules: 60_001)
            try host.draw("intel-rapl:0:0", microjoules: 7_003)
            snapshot = try host.tick(engine)
            host.removeCgroup("/short\(round)")
        }
        return snapshot
    }

    private func prepare() throws -> FakeHost {
        let host = try FakeHost()
        for path in [
            "/s.service", "/kubepods", "/kubepods/pod0c3e8a52-1111-4222-8333-444455556666", container, "/plain",
        ] {
            try host.makeCgroup(path)
        }
        return host
    }

    private func check(_ after: Snapshot, continues before: Snapshot) {
        for zone in before.node.zones {
            let now = after.node.zones.first { $0.name == zone.name }
            #expect(now?.energyMicrojoules ?? 0 >= zone.energyMicrojoules, "\(zone.name)")
        }
        for zone in after.node.zones { #expect(after.conservationError(of: zone) == 0, "\(zone.name)") }
        for (old, new) in zip(before.parts, after.parts) {
            for (was, energy) in zip(old.energy, new.energy) { #expect(energy >= was, "\(old.name)") }
            #expect(new.grams ?? 0 >= old.grams ?? 0)
        }
        for old in before.workloads {
            guard let new = after.workloads.first(where: { $0.id == old.id }) else {
                Issue.record("\(old.id) is gone")
                continue
            }
            #expect(new.cpuSeconds >= old.cpuSeconds && new.emissionsGrams ?? 0 >= old.emissionsGrams ?? 0)
            #expect(new.parentId == old.parentId && new.kind == old.kind && new.name == old.name, "\(old.id)")
            for (zone, energy) in old.zones {
                #expect(new.zones[zone]?.dynamicMicrojoules ?? 0 >= energy.dynamicMicrojoules, "\(old.id)")
            }
        }
        #expect(after.node.cpuSeconds >= before.node.cpuSeconds)
        #expect(after.agent.startTime == before.agent.startTime)
    }

    /// What was there keeps its beginning; what came while no agent ran begins with the next one, and so do the figures of the
    /// agent about itself.
    @Test func beginningsSurviveARestart() throws {
        let host = try prepare()
        let (file, time) = (host.file("state"), ManualTime(1000))
        func engine() throws -> Engine { try host.makeEngine(stateFile: file, clock: ManualClock(time: time)) }
        func since(_ snapshot: Snapshot, _ path: String) -> Double? {
            snapshot.workloads.first { $0.cgroupPath == path }?.since
        }
        let first = try engine()
        time.advance(by: 1)
        _ = try host.tick(first)
        try host.makeCgroup("/late")
        time.advance(by: 1)
        let before = try host.tick(first)
        let late = try #require(since(before, "/late"))
        #expect(late > before.agent.startUnixTime ?? 0 && since(before, "/plain") == nil)
        try host.makeCgroup("/meanwhile")
        time.advance(by: 100)
        let second = try engine()
        time.advance(by: 1)
        let after = try host.tick(second)
        #expect(since(after, "/late") == late && since(after, "/plain") == nil)
        #expect(after.agent.startUnixTime == before.agent.startUnixTime)
        #expect(after.agent.processStartUnixTime == before.unixTime + 100)
        #expect(since(after, "/meanwhile") == after.agent.processStartUnixTime)
    }

    @Test(arguments: [0, 0.001, 1_700_000_000.123, 4_000_000_000])
    func aStartTimeCanBeReadAgain(_ time: Double) {
        #expect(Timestamp.unixTime(of: Timestamp.format(unixTime: time)) == time)
    }

    @Test(arguments: [
        "", "start", "2026-13-01T00:00:00.000Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000",
        "99999999999-1-1-1-1-1-1",
    ])
    func whatIsNoStartTimeIsNone(_ text: String) {
        #expect(Timestamp.unixTime(of: text) == nil)
    }

    @Test func nothingFallsAcrossRestarts() throws {
        let host = try prepare()
        let file = host.file("state")
        var before = try run(host, host.makeEngine(retention: .seconds(8), stateFile: file), rounds: 20)
        #expect(before.workloads.contains { $0.id == "ended" }, "too tame")
        for _ in 0..<3 {
            // Ends without a last save, as if it were killed.
            let next = try host.makeEngine(stateFile: file)
            let first = try host.tick(next)
            check(first, continues: before)
            #expect(first.workloads.first { $0.cgroupPath == "/s.service" }?.isAlive == true)
            // What was used while no agent ran is not counted.
            try host.run("/s.service", microseconds: 0)
            before = try run(host, next, rounds: 3)
            check(before, continues: first)
        }
        #expect(before.node.zones.first { $0.name == "package-0" }?.energyMicrojoules == 29 * 60_001)
    }

    /// Killed between the two steps in which the file is replaced, or while the first one is written.
    @Test func whatWasWrittenLastIsFound() throws {
        let host = try prepare()
        let file = host.file("state")
        let before = try run(host, host.makeEngine(stateFile: file), rounds: 3)
        #expect(rename(file, file + ".new") == 0)
        let first = try host.tick(host.makeEngine(stateFile: file))
        check(first, continues: before)
        #expect(access(file, F_OK) == 0 && access(file + ".new", F_OK) != 0)
        #expect(rename(file, file + ".new") == 0 && truncate(file + ".new", 99) == 0)
        let next = try host.tick(host.makeEngine(stateFile: file))
        #expect(next.node.zones.allSatisfy { $0.energyMicrojoules == 0 })
        #expect(!next.agent.notices.contains { $0.contains("refused") }, "nothing was lost that had been published")
        // Where there is a whole file, a partial one is ignored.
        try writeFile(file + ".new", "junk")
        #expect(try host.tick(host.makeEngine(stateFile: file)).agent.startTime == next.agent.startTime)
    }

    @Test func whatIsDamagedIsRefusedAndCountersStartAtZero() throws {
        let host = try prepare()
        let file = host.file("state")
        _ = try run(host, host.makeEngine(stateFile: file), rounds: 3)
        let good = try readFile(file)
        // Of the block with the whole ledger; other tests cover what may follow.
        let base = header + good[16..<24].reversed().reduce(0) { $0 << 8 | Int($1) }
        var generator = SeededGenerator(seed: 5)
        for round in 0..<300 {
            var bytes = good
            if round % 2 == 0 {
                bytes[Int.random(in: 0..<base, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            } else {
                bytes.removeLast(Int.random(in: bytes.count - base + 1...bytes.count, using: &generator))
            }
            #expect(throws: LedgerState.Refusal.self) { try LedgerState(decoding: bytes) }
        }
        // Cut off, and by another version of the agent: put aside, and replaced by a good one.
        var other = good
        other[8] = 99
        for bytes in [Array(good.prefix(base / 2)), Array(good.prefix(3)), other] {
            try writeFile(file, bytes: bytes)
            let snapshot = try host.tick(host.makeEngine(stateFile: file))
            #expect(snapshot.node.zones.allSatisfy { $0.energyMicrojoules == 0 })
            #expect(snapshot.agent.notices.contains { $0.contains("was refused") })
            #expect(throws: Never.self) { try LedgerState(decoding: try readFile(file)) }
            #expect(try readFile(file + ".refused") == bytes)
        }
    }

    /// A typo in the path must not destroy a file.
    @Test func aFileThatIsNotOursIsLeftUntouched() throws {
        let host = try prepare()
        let file = host.file("hosts")
        try writeFile(file, "127.0.0.1 localhost")
        let snapshot = try run(host, host.makeEngine(stateFile: file), rounds: 2)
        #expect(try readFile(file) == Array("127.0.0.1 localhost".utf8))
        #expect(snapshot.agent.notices.contains { $0.contains("left untouched") })
    }

    @Test func anotherBootIsAnotherLedger() throws {
        let host = try prepare()
        let file = host.file("state")
        let before = try run(host, host.makeEngine(stateFile: file), rounds: 3)
        try host.boot()
        let snapshot = try host.tick(host.makeEngine(stateFile: file))
        #expect(before.node.zones.contains { $0.energyMicrojoules > 0 })
        #expect(snapshot.node.zones.allSatisfy { $0.energyMicrojoules == 0 })
        #expect(!snapshot.agent.notices.contains { $0.contains("refused") })
    }

    @Test func aFileThatCannotBeWrittenStopsNothing() throws {
        let host = try prepare()
        let snapshot = try run(host, host.makeEngine(stateFile: host.file("no/such/directory")), rounds: 2)
        #expect(snapshot.agent.faults["state_writes_failed"] == 3)
        #expect(snapshot.agent.notices.contains { $0.contains("cannot write the state file") })
        let directory = try run(host, host.makeEngine(stateFile: host.file(".")), rounds: 1)
        #expect(directory.agent.notices.contains { $0.contains("cannot write the state file") })
    }
}
