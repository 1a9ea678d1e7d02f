import Glibc
import Logging
import Settings
import TestSupport
import Testing

@testable import Agent

@Suite struct LogOutputTests {
    private func line(_ message: String, _ fields: [(String, String)], _ format: LogFormat) -> String {
        LogOutput.line(time: "T", level: .info, message: message, fields: fields, format: format)
    }

    @Test func textIsForPeople() {
        #expect(line("it works", [("a", "1"), ("b", "x y")], .text) == "T info it works a=1 b=\"x y\"\n")
    }

    @Test func jsonIsForMachines() {
        #expect(
            line("a\"b", [("k", "\u{1}")], .json) == #"{"time":"T","level":"info","message":"a\"b","k":"\u0001"}"#
                + "\n")
    }

    @Test(arguments: [(Logger.Level.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2)])
    func theJournalHasLevels(_ level: Logger.Level, _ priority: Int) {
        let line = LogOutput.line(
            time: "T", level: level, message: "it works", fields: [("a", "x y")], format: .journald)
        #expect(line == "<\(priority)>it works a=\"x y\"\n")
    }

    @Test func theJournalIsKnownByDeviceAndInode() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        fstat(ends[1], &status)
        #expect(LogOutput.isJournal(ends[1], "\(status.st_dev):\(status.st_ino)"))
        #expect(!LogOutput.isJournal(ends[1], "\(status.st_dev):\(status.st_ino + 1)"))
        #expect(
            !LogOutput.isJournal(ends[1], nil) && !LogOutput.isJournal(ends[1], "") && !LogOutput.isJournal(-1, "1:1"))
    }

    @Test func aMessageThatRepeatsIsLimited() {
        var limit = LogLimit()
        let time = ManualInstant()
        for _ in 0..<5 { #expect(limit.admit("a", at: time.now) == 0) }
        for _ in 0..<7 { #expect(limit.admit("a", at: time.now) == nil) }
        // Others are not.
        #expect(limit.admit("b", at: time.now) == 0)
        time.advance(59)
        #expect(limit.admit("a", at: time.now) == nil)
        time.advance(1)
        #expect(limit.admit("a", at: time.now) == 8)
        #expect(limit.admit("a", at: time.now) == 0)
        for number in 0..<10_000 { #expect(limit.admit("m\(number)", at: time.now) == 0) }
    }

    @Test(arguments: LogFormat.allCases) func nothingInItReachesTheTerminal(_ format: LogFormat) {
        let text = line("a\u{1B}[2J", [("k", "\u{9B}\u{202E}\u{200B}\u{E0041}")], format)
        #expect(text.contains(#"a\u001b[2J"#) && text.contains(#"\u009b\u202e\u200b\udb40\udc41"#), "\(text)")
    }

    @Test(arguments: LogFormat.allCases) func aMessageCannotForgeALine(_ format: LogFormat) {
        #expect(line("a\nT critical forged", [("k", "v\nx")], format).count { $0 == "\n" } == 1)
    }

    /// The reader of a pipe has stopped: what there is no room for is dropped.
    @Test(.timeLimit(.minutes(1))) func aReaderThatStopsHoldsNothingUp() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let line = [UInt8](repeating: 65, count: 9000)
        var written = 0
        while writeWithoutWaiting(line, to: ends[1]), written < 1000 { written += 1 }
        #expect(written > 0 && written < 1000)
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        #expect(read(ends[0], &bytes, bytes.count) > 0)
        #expect(writeWithoutWaiting(line, to: ends[1]))
    }
}
