import Testing

@testable import Querying

@Suite struct BytePatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", true), ("a", "", false), ("WEB", "my-web-1", true), ("web", "my-WEB-1", true),
        ("aab", "aaab", true), ("aabaac", "aabaabaac", true), ("abab", "abaabab", true), ("ababb", "abababab", false),
        ("abc", "ab", false), ("aaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaab", true), ("ä", "Kühler-ä", true),
        ("Ä", "ä", false), ("@", "`", false), ("[", "{", false),
    ]) func partsAreFound(_ part: String, _ text: String, _ isThere: Bool) {
        #expect(BytePattern(part).isIn(text) == isThere)
    }

    /// Every short pattern in every short text, against the obvious search.
    @Test func itFindsWhatTheObviousSearchFinds() {
        let words: [[UInt8]] = (0..<512).map { number in (0..<9).map { number >> $0 & 1 == 0 ? 0x61 : 0x62 } }
        for part in words.map({ Array($0.prefix(4)) }) {
            let pattern = BytePattern(String(decoding: part, as: UTF8.self))
            for text in words {
                let isThere = (0...text.count - part.count).contains { text[$0..<$0 + part.count] == part[...] }
                #expect(pattern.isIn(text) == isThere)
            }
        }
    }

    /// A text with many beginnings of the pattern is read once like any other.
    @Test func aHostileTextIsReadOnce() {
        var reads = 0
        let text = sequence(state: 0) { (place: inout Int) -> UInt8? in
            guard place < 10_000 else { return nil }
            place += 1
            reads += 1
            return 0x61
        }
        #expect(!BytePattern(String(repeating: "a", count: 500) + "b").isIn(text))
        #expect(reads == 10_000)
    }
}
