import Terminal
import Testing

@Suite struct LineTests {
    @Test func whatCouldControlTheTerminalIsWrittenOut() {
        let line = Line("a\u{1B}[2Jb\n\u{9B}\u{202E}\u{200B}\u{061C}c 水")
        #expect(line.rendered(width: nil, look: .bare) == "a\\u{1b}[2Jb\\u{a}\\u{9b}\\u{202e}\\u{200b}\\u{61c}c 水")
        #expect(line.rendered(width: 5, look: .bare) == "a\\u{1")
    }

    @Test func cutsByCharacters() {
        var line = Line("ab", .bold)
        line.append("水🦊é", .red)
        #expect(line.width == 7)
        #expect(line.rendered(width: 6, look: .bare) == "ab水🦊")
        // Half of a wide character cannot be shown.
        #expect(line.rendered(width: 5, look: .bare) == "ab水")
        #expect(line.rendered(width: 0, look: Look(.sixteen)).isEmpty)
        #expect(line.rendered(width: nil, look: .bare) == "ab水🦊é")
    }

    @Test func colouredTextIsThePlainTextWithSequencesThatEndInAReset() {
        var line = Line("one ", .dim)
        line.append("two ")
        line.append("three", .yellow)
        let text = line.rendered(width: 20, look: Look(.sixteen))
        #expect(text.replacing(/\u{1B}\[[0-9;]*m/, with: "") == line.rendered(width: 20, look: .bare))
        #expect(text.hasSuffix("\u{1B}[0m"))
    }

    @Test func aStyleForTheWholeLineFillsIt() {
        #expect(Line("ab").rendered(width: 4, look: Look(.sixteen), style: .reverse) == "\u{1B}[7mab  \u{1B}[0m")
    }

    @Test func plainTextHasNoSequences() {
        for style in Style.allCases {
            #expect(!Line("ab", style).rendered(width: 9, look: .bare, style: style).contains("\u{1B}"))
        }
    }
}
