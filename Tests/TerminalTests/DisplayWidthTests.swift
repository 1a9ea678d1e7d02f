import Testing

@testable import Terminal

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("abc", 3), ("水", 2), ("한글", 4), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("🦊", 2), ("é水x", 4), ("", 0), ("Ω", 1),
        ("\u{1100}\u{1161}", 2), ("ไทย", 3), ("กิ", 1),
    ])
    func cells(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
        #expect(text.reduce(0) { $0 + DisplayWidth.of($1) } == width)
    }

    @Test func cutsBetweenWholeCharacters() {
        #expect("水水水".prefix(cells: 5) == "水水" && "水水水".suffix(cells: 3) == "水")
        #expect("ae\u{301}b".prefix(cells: 2) == "ae\u{301}")
        #expect("水".padded(to: 4) == "水  ")
    }

    @Test func namesAreShortenedInTheMiddle() {
        #expect("api-server-5d8f9c7b6-qwert".shortened(to: 12, mark: "…") == "api-se…qwert")
        #expect("short".shortened(to: 5, mark: "…") == "short")
        #expect("abcdef".shortened(to: 1, mark: "…") == "a" && "abcdef".truncated(to: 4, mark: "~") == "abc~")
        for width in 0...12 {
            #expect(DisplayWidth.of("水水ab水水水cd".shortened(to: width, mark: "…")) <= width)
        }
    }
}
