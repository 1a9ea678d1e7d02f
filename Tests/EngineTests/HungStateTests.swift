import Accounting
import Composition
import Engine
import Glibc
import Ledger
import Linux
import Logging
import Snapshot
import Synchronization
import TestSupport
import Testing

/// A state file on a file system that hangs.
@Suite struct HungStateTests {
    /// Runs work as a thread would that hangs while the test says so.
    private final class Disk: Sendable {
        private let state = Mutex((isHung: false, late: [@Sendable () -> Void](), refused: 0))

        func run(_ work: @escaping @Sendable () -> Void) -> Bool {
            let isHung = state.withLock { state in
                if state.isHung {
                    if state.late.isEmpty { state.late.append(work) } else { state.refused += 1 }
                }
                return state.isHung
            }
            if !isHung { work() }
            return !isHung
        }

        func hang() { state.withLock { $0.isHung = true } }

        func answer() {
            let late = state.withLock { state in
                defer { (state.isHung, state.late) = (false, []) }
                return state.late
            }
            for work in late { work() }
        }

        var refused: Int { state.withLock(\.refused) }
    }

    private func engine(_ host: FakeHost, _ disk: Disk) throws -> Engine {
        try engine(host) { _, work in disk.run(work) }
    }

    private func engine(_ host: FakeHost, _ run: @escaping StateFile.Runner) throws -> Engine {
        var configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(600))
        configuration.paths = host.paths
        configuration.accounting.tier = .procfs
        configuration.accounting.processes = .off
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var parts = try EngineParts(configuration, isDetached: false, logger: logger)
        parts.clock = ManualClock(time: host.time)
        parts.stateFile = StateFile(path: host.file("state"), procfs: host.paths.procfs, logger: logger, run: run)
        return try Engine(parts, configuration: configuration, logger: logger)
    }

    @Test func theTickGoesOnAndTheFileIsWrittenAnewLater() throws {
        let (host, disk) = (try FakeHost(), Disk())
        try host.makeCgroup("/a")
        let engine = try engine(host, disk)
        for _ in 0..<3 { _ = try host.tick(engine) }
        disk.hang()
        for number in 1...5 {
            let snapshot = try host.tick(engine)
            #expect(snapshot.agent.faults["state_writes_failed"] == UInt64(number))
            #expect(snapshot.agent.notices.contains { $0.contains("its file system does not answer") })
        }
        // What is under way is not followed by more.
        #expect(disk.refused == 4)
        disk.answer()
        try host.run("/a", microseconds: 500)
        let last = try host.tick(engine)
        #expect(!last.agent.notices.contains { $0.contains("state file") })
        let next = try host.tick(self.engine(host, Disk()))
        func time(_ snapshot: Snapshot) -> Double? {
            snapshot.workloads.first { $0.cgroupPath == "/a" }?.cpuSeconds
        }
        #expect(try #require(time(next)) == #require(time(last)))
    }

    private func energy(_ snapshot: Snapshot) -> UInt64 {
        snapshot.node.zones.first { $0.name == "package-0" }?.energyMicrojoules ?? 0
    }

    /// What the disk writes late was true when it was asked for: more has been published since.
    ///
    /// - Parameter isAdded: true where it hangs while a tick is added to the file, false where the file is written anew.
    @Test(arguments: [true, false]) func nothingStartsBelowWhatWasPublished(isAdded: Bool) throws {
        let (host, disk) = (try FakeHost(), Disk())
        try host.makeCgroup("/a")
        let engine = try engine(host, disk)
        for _ in 0..<3 {
            try host.draw("intel-rapl:0", microjoules: 50_000)
            _ = try host.tick(engine)
        }
        disk.hang()
        try host.draw("intel-rapl:0", microjoules: 50_000)
        _ = try host.tick(engine, after: isAdded ? 1 : 30)
        try host.draw("intel-rapl:0", microjoules: 50_000)
        let last = try host.tick(engine)
        #expect(energy(last) > 0)
        disk.answer()
        // Killed before the next tick.
        #expect(access(host.file("state"), F_OK) != 0)
        let next = try host.tick(self.engine(host, Disk()))
        #expect(next.agent.startTime != last.agent.startTime || energy(next) >= energy(last))
        // Not killed: all of it is in the file again.
        let later = try host.tick(engine)
        let restarted = try host.tick(self.engine(host, Disk()))
        #expect(restarted.agent.startTime == later.agent.startTime && energy(restarted) >= energy(later))
    }

    /// Totals begin anew, and what lies there is not touched until it is known to be the agent's.
    @Test(arguments: [true, false]) func aFileThatDoesNotAnswerAtTheStartIsLeft(isForeign: Bool) throws {
        let (host, disk) = (try FakeHost(), Disk())
        if isForeign { try writeFile(host.file("state"), "a letter") }
        disk.hang()
        let engine = try engine(host, disk)
        var snapshot = try host.tick(engine)
        #expect(snapshot.agent.notices.contains { $0.contains("its file system does not answer") })
        disk.answer()
        for _ in 0..<2 { snapshot = try host.tick(engine) }
        #expect(snapshot.agent.notices.contains { $0.contains("is not a state file") } == isForeign)
        let content = try readFile(host.file("state"))
        #expect(isForeign == (content == Array("a letter".utf8)))
    }

    /// On a thread of its own, as in the agent: after a silence it is asked again.
    @Test(.timeLimit(.minutes(1))) func aThreadIsAskedAgainOnceItIsDone() throws {
        let (host, thread) = (try FakeHost(), try BoundedWork())
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let hung = ends[0]
        defer { close(hung) }
        let isHung = Mutex(true)
        let engine = try engine(host) { seconds, work in
            thread.run(within: isHung.withLock(\.self) ? 0 : seconds) {
                // Until the other end is closed.
                var byte: UInt8 = 0
                _ = read(hung, &byte, 1)
                work()
            }
        }
        #expect(try host.tick(engine).agent.faults["state_writes_failed"] == 1)
        isHung.withLock { $0 = false }
        close(ends[1])
        while try host.tick(engine).agent.notices.contains(where: { $0.contains("cannot write") }) {}
        #expect(throws: Never.self) { try LedgerState(decoding: try readFile(host.file("state"))) }
    }
}
