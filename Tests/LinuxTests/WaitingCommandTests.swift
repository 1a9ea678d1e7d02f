import Glibc
import TestSupport
import Testing

@testable import Linux

/// Real processes, each of which ends by itself.
@Suite(.serialized) struct WaitingCommandTests {
    private func run(_ arguments: [String]) throws -> WaitingCommand.Ending { try WaitingCommand(arguments).run() }

    @Test(
        arguments: [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] as [(String, Int32)])
    func theExitCodeIsAShells(_ script: String, _ code: Int32) throws {
        let ending = try run(["/bin/sh", "-c", script])
        #expect(ending.code == code && ending.wallSeconds > 0)
        #expect(abs(ending.endUnixTime - ending.startUnixTime - ending.wallSeconds) < 1)
    }

    @Test(
        arguments: [
            ("energyd-no-such-program", 127), ("/etc/energyd-no-such-program", 127), ("/etc/passwd", 126), ("/", 126),
        ] as [(String, Int32)])
    func whatCannotBeExecutedSaysWhy(_ program: String, _ code: Int32) throws {
        let error = #expect(throws: WaitingCommand.NotExecuted.self) { try run([program]) }
        #expect(error?.code == code && error?.description.isEmpty == false)
    }

    /// The child does nothing before it may, and ends without it.
    @Test func itWaits() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/ran"
        var waiting: WaitingCommand? = try WaitingCommand(["/bin/sh", "-c", "echo > \(file)"])
        let process = try #require(waiting?.process)
        #expect(kill(process, 0) == 0 && !fileExists(file))
        waiting = nil
        #expect(kill(process, 0) != 0 && !fileExists(file))
        let other = try WaitingCommand(["/bin/sh", "-c", "echo > \(file)"])
        #expect(try other.run().code == 0 && fileExists(file))
    }

    /// A signal that comes before the command runs: it does not run, and the signal is known.
    @Test func aSignalBeforeItRunsEndsIt() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/ran"
        var before = sigaction()
        sigaction(SIGHUP, nil, &before)
        WaitingCommand.passSignalsOn()
        defer { sigaction(SIGHUP, &before, nil) }
        _ = WaitingCommand.takeSignal()
        let waiting = try WaitingCommand(["/bin/sh", "-c", "echo > \(file)"])
        raise(SIGHUP)
        #expect(throws: WaitingCommand.NotExecuted.self) { try waiting.run() }
        #expect(WaitingCommand.takeSignal() == SIGHUP && !fileExists(file))
        #expect(try run(["/bin/sh", "-c", "echo > \(file)"]).code == 0 && fileExists(file))
    }

    /// As they were when this program began.
    @Test func signalsAreNotBlocked() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/state"
        let script = "grep SigBlk /proc/self/status > \(file)"
        #expect(try run(["/bin/sh", "-c", script]).code == 0)
        let text = try readText(file)
        #expect(text == "SigBlk:\t0000000000000000")
    }

    @Test func theCgroupIsTheOneThatIsAccounted() {
        let hybrid = Array("9:name=systemd:/x\n2:cpu,cpuacct:/docker/a\n0::/\n".utf8)
        #expect(CgroupPlace.path(in: hybrid, controller: "cpuacct") == "/docker/a")
        #expect(CgroupPlace.path(in: hybrid, controller: "") == "/")
        #expect(
            CgroupPlace.path(in: Array("0::/a:b/\u{e9}\n".utf8), controller: "")
                == NameBytes.text(Array("/a:b/\u{e9}".utf8)))
        #expect(CgroupPlace.path(in: Array("4:cpu\nx\n".utf8), controller: "cpu") == nil)
    }
}
