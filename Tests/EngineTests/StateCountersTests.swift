import Engine
import Ledger
import Linux
import TestSupport
import Testing

/// What was read from the files of cgroups, across restarts.
@Suite struct StateCountersTests {
    private func state(_ host: FakeHost) throws -> LedgerState {
        try LedgerState(decoding: try readFile(host.file("state")))
    }

    /// What was counted while no agent ran is not; nor is anything lost, however soon the next one ends.
    @Test func throttledTimeGoesOn() throws {
        let host = try FakeHost()
        try host.makeCgroup("/s.service")
        try host.throttle("/s.service", microseconds: 100_000)
        let file = host.file("state")
        func run(_ microseconds: UInt64) throws -> [[String: UInt64]] {
            let engine = try host.makeEngine(stateFile: file)
            for _ in 0..<4 { _ = try host.tick(engine) }
            try host.throttle("/s.service", microseconds: microseconds)
            // Files of a cgroup in which nothing ran are not read.
            try host.run("/s.service", microseconds: 1000)
            for _ in 0..<4 { _ = try host.tick(engine) }
            return try state(host).workloads.map(\.files).filter { !$0.isEmpty }
        }
        #expect(try run(150_000) == [["periods": 150, "throttled": 150_000]])
        try host.throttle("/s.service", microseconds: 50_000)
        #expect(try run(100_000) == [["periods": 250, "throttled": 250_000]])
        // It ends before the cgroup's file was read.
        host.removeCgroup("/s.service")
        _ = try host.tick(host.makeEngine(stateFile: file))
        #expect(try state(host).workloads.map(\.files).filter { !$0.isEmpty }.count == 1)
    }
}
