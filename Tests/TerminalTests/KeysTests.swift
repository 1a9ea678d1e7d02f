import Terminal
import TestSupport
import Testing

@Suite struct KeysTests {
    @Test(arguments: [
        ("\u{1B}[A", Key.up), ("\u{1B}OB", .down), ("\u{1B}[5~", .pageUp), ("\u{1B}[6;5~", .pageDown),
        ("\u{1B}[1~", .home), ("\u{1B}[7~", .home), ("\u{1B}OF", .end), ("\u{1B}[1;5C", .right), ("\u{1B}[D", .left),
        ("\r", .enter), ("\t", .tab), ("\u{1B}[Z", .backTab), ("\u{7F}", .backspace), ("\u{03}", .control("c")),
        ("q", .character("q")), ("é", .character("é")), ("水", .character("水")), ("🦊", .character("🦊")),
    ])
    func decodesOneKey(bytes: String, key: Key) {
        var decoder = KeyDecoder()
        #expect(decoder.decode(bytes.utf8) == [key])
        #expect(!decoder.isWaiting)
    }

    @Test func escapeAloneNeedsAFlush() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.escape])
        #expect(decoder.flush().isEmpty)
    }

    @Test func escapeBeforeAnotherKeyIsBoth() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B, UInt8(ascii: "q")]) == [.escape, .character("q")])
        #expect(decoder.decode([0x1B, 0x1B]) == [.escape])
    }

    @Test func unknownAndBrokenSequencesAreSwallowed() {
        var decoder = KeyDecoder()
        #expect(decoder.decode(Array("\u{1B}[15~\u{1B}[?1;2cx".utf8)) == [.character("x")])
        #expect(decoder.decode(Array("\u{1B}[\u{1B}[A\u{1B}O\u{1B}[B".utf8)) == [.up, .down])
        #expect(decoder.decode([0xC3, UInt8(ascii: "y")]) == [.character("y")])
        #expect(decoder.decode([0x80, 0xFF, 0xED, 0xA0, 0x80, UInt8(ascii: "z")]) == [.character("z")])
        #expect(decoder.decode(Array("\u{1B}[".utf8) + Array(repeating: UInt8(ascii: "1"), count: 31)).count <= 2)
        #expect(!decoder.isWaiting || decoder.flush().isEmpty)
    }

    @Test(arguments: 0..<300)
    func anyBytesInAnyPiecesGiveTheSamePrintableKeys(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        // Mostly the bytes that sequences are made of, so that deep states are reached.
        let common = Array("\u{1B}\u{1B}[[OO;~15ABHZ\u{03}".utf8) + [0xC3, 0xA9, 0xE6, 0xB0, 0xF0, 0x9F, 0x80, 0x9B]
        let bytes = (0..<400).map { _ in
            Bool.random(using: &random)
                ? UInt8.random(in: 0...255, using: &random) : common.randomElement(using: &random) ?? 0
        }
        var whole = KeyDecoder()
        let keys = whole.decode(bytes)

        var pieces = KeyDecoder()
        var pieceKeys: [Key] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...7, using: &random)
            pieceKeys += pieces.decode(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        #expect(pieceKeys == keys)
        for case .character(let character) in keys {
            #expect(Line(String(character)).rendered(width: nil, look: .bare) == String(character))
        }
        _ = whole.flush()
        #expect(!whole.isWaiting)
        #expect(whole.decode([UInt8(ascii: "q")]) == [.character("q")])
    }
}
