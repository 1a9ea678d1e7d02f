import Engine
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// A state file in a directory that another user may write to.
@Suite struct StateTrapTests {
    @Test(arguments: ["pipe", "link", "hard link", "directory"], ["state", "state.new"])
    func whatLiesThereBlocksNothingAndIsNotWrittenThrough(_ trap: String, _ name: String) throws {
        let host = try FakeHost()
        try host.makeCgroup("/a")
        let (path, victim) = (host.file(name), host.file("victim"))
        try writeFile(victim, "precious")
        chmod(victim, 0o600)
        func lay() {
            switch trap {
            case "pipe": mkfifo(path, 0o666)
            case "link": symlink(victim, path)
            case "hard link": link(victim, path)
            default: mkdir(path, 0o777)
            }
        }
        lay()
        let engine = try host.makeEngine(stateFile: host.file("state"))
        _ = try host.tick(engine)
        // Again while it runs.
        unlink(path)
        lay()
        let snapshot = try host.tick(engine)
        #expect(try readFile(victim) == Array("precious".utf8))
        var status = stat()
        #expect(lstat(victim, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let isForeign = name == "state" && trap.hasSuffix("link")
        let isStuck = trap == "directory"
        #expect((snapshot.agent.faults["state_writes_failed"] ?? 0 > 0) == isStuck)
        guard !isStuck, !isForeign else { return }
        #expect(lstat(host.file("state"), &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
    }
}
