import Glibc
import Logging
import Settings
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
