import Glibc
import TestSupport
import Testing

@testable import Settings

@Suite struct ConfigurationFileTests {
    private func parse(_ text: String) throws -> [String: String] {
        try parse(Array(text.utf8))
    }

    private func parse(_ bytes: [UInt8]) throws -> [String: String] {
        let assignments = try ConfigurationFile.parse(bytes, path: "f")
        return Dictionary(uniqueKeysWithValues: assignments.map { ($0.setting.key, $0.text) })
    }

    private func refusal(_ bytes: [UInt8]) -> String {
        do {
            _ = try ConfigurationFile.parse(bytes, path: "f")
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("retention=5m", "5m"), ("  retention\t=  5m  ", "5m"), ("retention = 5m # five", "5m"),
        ("retention = 5m\r", "5m"), ("retention = \"5m\"", "5m"), ("retention = \"5m\" # five", "5m"),
        ("\u{FEFF}retention = 5m", "5m"), ("# x = y\n\n   # more\nretention = 5m", "5m"),
        ("retention = a#b", "a#b"), ("retention = a=b", "a=b"), ("retention = \" a # b \"", " a # b "),
        ("retention = \"a\\\"b\\\\c\"", "a\"b\\c"), ("retention = ä", "ä"),
    ])
    func aValueIsRead(_ text: String, _ value: String) throws {
        #expect(try parse(text) == ["retention": value])
    }

    @Test func linesAreCounted() throws {
        let assignments = try ConfigurationFile.parse(
            Array("# a\r\n\r\nretention = 1m\r\nnode.name = n".utf8), path: "f")
        #expect(assignments.map(\.origin) == [.file(path: "f", line: 3), .file(path: "f", line: 4)])
        #expect(try parse("").isEmpty && parse("\n\n").isEmpty)
    }

    @Test(arguments: [
        ("retention", "f:1: 'retention' is not of the form `name = value`"), ("[energyd]", "f:1: '[energyd]' is not"),
        ("retention: 5m", "name = value"), ("{\"retention\": 1}", "name = value"),
        ("retention =", "f:1: retention: has no value"), ("retention = # x", "has no value"),
        ("\nretenton = 5m", "f:2: unknown setting 'retenton': did you mean retention?"),
        ("--retention = 5m", "did you mean retention?"), ("Sample.Interval = 1s", "did you mean sample.interval?"),
        ("web.listen_address = :1", "did you mean web.listen-address?"), ("x.y = 1", "energyd config"),
        ("= 5m", "unknown setting ''"), ("retention = \"5m", "closing quote"),
        ("retention = \"5m\" x", "after the closing quote"), ("retention = \"a\\n\"", "is not an escape sequence"),
        ("retention = 1m\nretention = 2m", "f:2: retention is already set on line 1"),
        ("config.file = /x", "cannot name another"), ("retention = 5\u{0}m", "f:1: contains a control character"),
        ("retention = 5m\r\r", "control character"), ("retention = 5m\u{1B}[2J", "control character"),
    ])
    func whatIsWrongIsNamedWithItsLine(_ text: String, _ words: String) {
        #expect(refusal(Array(text.utf8)).contains(words), "\(refusal(Array(text.utf8)))")
    }

    @Test func whatIsNotTextIsRefused() {
        #expect(refusal([0xFF, 0xFE, 0x00]).contains("f:1: not UTF-8"))
        #expect(refusal(Array("retention = 1m\n".utf8) + [0xC3]).contains("f:2: not UTF-8"))
        #expect(refusal([UInt8](repeating: 0x0A, count: ConfigurationFile.limit + 1)).contains("larger than 64 KiB"))
        #expect(refusal([UInt8](repeating: 0x0A, count: ConfigurationFile.limit)) == "accepted")
    }

    @Test func whatIsNotAFileIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
        for path in [directory.path, directory.path + "/fifo", directory.path + "/absent", "/dev/zero", ""] {
            do {
                _ = try ConfigurationFile.read(path)
                Issue.record("accepted \(path)")
            } catch {
                #expect(error.description.contains(path) && error.description.contains("--config.file"))
            }
        }
        try directory.write(String(repeating: "#", count: 1 << 20), to: "large")
        #expect(throws: ConfigurationError.self) { try ConfigurationFile.read(directory.path + "/large") }
    }

    /// Whatever the bytes, it answers with assignments of known settings or a message of one line.
    @Test func garbageNeverHarms() {
        var generator = SeededGenerator(seed: 8)
        let pieces: [[UInt8]] =
            ["retention", "=", " = ", "\"", "\\", "#", "\n", "\r\n", "5m", "\u{0}", "\u{FEFF}", "x", "=="]
            .map { Array($0.utf8) } + [[0xFF], [0xC3], [0xE2, 0x82]]
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                bytes +=
                    Bool.random(using: &generator)
                    ? pieces[Int.random(in: pieces.indices, using: &generator)]
                    : [UInt8.random(in: 0...255, using: &generator)]
            }
            let answer = refusal(bytes)
            #expect(!answer.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "\(bytes)")
        }
    }

    /// Any text without control characters survives in quotes.
    @Test func anyTextCanBeWrittenInQuotes() throws {
        var generator = SeededGenerator(seed: 9)
        let alphabet = Array("ab =#\"\\\t'äé€😀")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    alphabet[Int.random(in: alphabet.indices, using: &generator)]
                })
            let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            let read = try parse("node.name = \"\(String(escaped))\"  # end")
            #expect(read == ["node.name": text])
        }
    }
}
