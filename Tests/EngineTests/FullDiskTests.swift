import Engine
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// A file system of a few pages that is full: after a kill nothing may start below what was published.
@Suite(.enabled(if: geteuid() == 0, "needs root to mount a file system")) struct FullDiskTests {
    /// A tmpfs that is unmounted at the end.
    private final class SmallDisk {
        let path: String
        private let directory: TemporaryDirectory

        init(kilobytes: Int) throws {
            directory = try TemporaryDirectory()
            path = directory.path + "/disk"
            mkdir(path, 0o755)
            let (code, output) = try Child.run(["mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path])
            guard code == 0 else { throw Failure("mount: \(output)") }
        }

        /// Takes all the room that is left.
        func fill() {
            let descriptor = open(path + "/rest", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            let page = [UInt8](repeating: 7, count: 4096)
            while write(descriptor, page, page.count) == page.count {}
            close(descriptor)
        }

        deinit { _ = try? Child.run(["umount", path]) }
    }

    private func energy(_ snapshot: Snapshot) -> UInt64 {
        snapshot.node.zones.first { $0.name == "package-0" }?.energyMicrojoules ?? 0
    }

    private func tick(_ host: FakeHost, _ engine: Engine) throws -> Snapshot {
        try host.run("/a", microseconds: 500)
        try host.draw("intel-rapl:0", microjoules: 50_000)
        return try host.tick(engine)
    }

    /// Whatever the disk does, the next run begins where the last one was seen, or anew.
    @Test(arguments: [false, true]) func nothingStartsBelowWhatWasPublished(hasRoomForOne: Bool) throws {
        let disk = try SmallDisk(kilobytes: 64)
        let host = try FakeHost()
        try host.makeCgroup("/a")
        let file = disk.path + "/state"
        let engine = try host.makeEngine(stateFile: file)
        for _ in 0..<5 { _ = try tick(host, engine) }
        disk.fill()
        // What is written grows: more than the old file leaves room for, where it is to fail.
        for number in 0..<(hasRoomForOne ? 3 : 400) { try host.makeCgroup("/new\(number)") }
        var last = try tick(host, engine)
        for _ in 0..<40 {
            disk.fill()
            last = try tick(host, engine)
        }
        let failed = last.agent.faults["state_writes_failed"] ?? 0
        #expect(hasRoomForOne ? failed == 0 : failed > 0)
        // Killed here: nothing more is written.
        let next = try host.tick(host.makeEngine(stateFile: file))
        #expect(next.agent.startTime != last.agent.startTime || energy(next) >= energy(last))
        guard !hasRoomForOne else { return }
        #expect(energy(next) == 0 && access(file, F_OK) != 0 || energy(next) == 0)
        #expect(last.agent.notices.contains { $0.contains("No space left") && $0.contains("start at zero") })
        #expect(!next.agent.notices.contains { $0.contains("refused") })
    }

    @Test func onceThereIsRoomItIsSavedAgain() throws {
        let disk = try SmallDisk(kilobytes: 64)
        let host = try FakeHost()
        for number in 0..<400 { try host.makeCgroup("/new\(number)") }
        try host.makeCgroup("/a")
        disk.fill()
        let file = disk.path + "/state"
        let engine = try host.makeEngine(stateFile: file)
        #expect(try tick(host, engine).agent.faults["state_writes_failed"] == 1)
        unlink(disk.path + "/rest")
        for number in 0..<400 { host.removeCgroup("/new\(number)") }
        let (code, output) = try Child.run(["mount", "-o", "remount,size=1m", disk.path])
        #expect(code == 0, "\(output)")
        let last = try tick(host, engine)
        #expect(last.agent.faults["state_writes_failed"] == 1)
        #expect(!last.agent.notices.contains { $0.contains("state file") })
        #expect(try energy(host.tick(host.makeEngine(stateFile: file))) == energy(last))
    }
}
