import Terminal
import Testing

@Suite struct LookTests {
    private func look(_ environment: [String: String], isPlain: Bool = false) -> Look {
        .of(isPlain: isPlain) { environment[$0] }
    }

    @Test(arguments: [
        (["TERM": "xterm"], Look.Depth.sixteen), (["TERM": "xterm-256color"], .indexed),
        (["TERM": "xterm", "COLORTERM": "truecolor"], .indexed),
        (["TERM": "xterm-256color", "NO_COLOR": "1"], .attributes),
    ])
    func depth(environment: [String: String], depth: Look.Depth) {
        #expect(look(environment).depth == depth)
        #expect(look(environment, isPlain: true).depth == .attributes)
    }

    @Test(arguments: [
        ([:], true), (["LANG": "C.UTF-8"], false), (["LANG": "C.UTF-8", "LC_ALL": "C"], true),
        (["LC_ALL": "", "LANG": "de_DE.utf8"], false), (["LC_CTYPE": "POSIX", "LANG": "en_US.UTF-8"], true),
    ])
    func characterSet(environment: [String: String], isASCII: Bool) {
        #expect(look(environment).isASCII == isASCII)
    }

    @Test func withoutColoursTheCursorIsStillReversed() {
        let attributes = Look(.attributes)
        #expect(Line("ab").rendered(width: 4, look: attributes, style: .reverse) == "\u{1B}[7mab  \u{1B}[0m")
        for style in [Style.red, .green, .yellow, .cyan] {
            let text = Line("ab", style).rendered(width: nil, look: attributes)
            #expect(!text.contains(/\[0?;?[34]/))
        }
    }

    @Test func palettesDifferInNothingButColours() {
        let plain = Line("ab", .red).rendered(width: nil, look: .bare)
        for depth in [Look.Depth.sixteen, .indexed] {
            let texts = Look.Palette.allCases.map { palette in
                Line("ab", .red).rendered(width: nil, look: Look(depth, palette: palette))
            }
            #expect(Set(texts).count == 2)
            #expect(texts.allSatisfy { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain })
        }
    }

    @Test func whatTheCharacterSetDoesNotHaveIsAQuestionMark() {
        #expect(Line("a水é").rendered(width: nil, look: Look(.bare, isASCII: true)) == "a??")
    }
}
