import Linux
import Testing

@Suite struct ShortTextTests {
    @Test func whatFitsStaysAsItIs() {
        #expect("/system.slice/ssh.service".shortened() == "/system.slice/ssh.service")
        let exact = String(repeating: "x", count: 256)
        #expect(exact.shortened() == exact)
    }

    @Test func longOnesKeepTheirEndsAndDifferWhereverTheyDo() {
        let a = "/user/" + String(repeating: "n", count: 3000) + "/end"
        var b = Array(a.utf8)
        b[1500] = UInt8(ascii: "m")
        let short = a.shortened()
        #expect(short.utf8.count <= 256 && short.hasPrefix("/user/nn") && short.hasSuffix("nn/end"))
        #expect(short != String(decoding: b, as: UTF8.self).shortened())
        #expect(short.shortened() == short)
    }

    /// An escape character is written out as `\\u{1b}`.
    @Test func whatIsWrittenOutCountsAsThat() {
        let short = String(repeating: "\u{1B}", count: 200).shortened()
        #expect(short.utf8.count < 60 && short.hasPrefix("\u{1B}\u{1B}"))
    }

    /// Control characters, marks of direction, what Unicode has not assigned, tags.
    @Test(arguments: ["\u{7F}", "\u{9F}", "\u{61C}", "\u{378}", "\u{202E}", "\u{E0001}", "a\u{10FFFE}"])
    func nothingIsLongWhereItIsShown(_ text: String) {
        for count in [10, 30, 60, 300] {
            let short = String(repeating: text, count: count).shortened()
            #expect(printable(short, limit: 5000).utf8.count <= 256)
        }
    }

    @Test(arguments: ["é", "漢", "😀", "\u{EF80}"]) func charactersStayWhole(_ character: String) {
        for offset in 0..<4 {
            let text = String(repeating: "x", count: offset) + String(repeating: character, count: 400)
            let short = text.shortened(to: 100)
            #expect(short.utf8.count <= 100 && !short.unicodeScalars.contains("\u{FFFD}"))
        }
    }
}
