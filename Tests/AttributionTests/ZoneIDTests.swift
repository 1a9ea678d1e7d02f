import Attribution
import TestSupport
import Testing

@Suite struct ZoneIDTests {
    /// The names that metrics, JSON and Linux use: a contract.
    @Test(
        arguments: [
            (ZoneID(.package), "package"), (ZoneID(.package, socket: 0), "package-0"),
            (ZoneID(.package, socket: 1, die: 3), "package-1-die-3"), (ZoneID(.dram, socket: 12), "dram-12"),
            (.platform, "platform"), (.psys, "psys"), (.battery, "battery"),
            (ZoneID(.platform, index: 2), "platform-2"),
        ])
    func textAndBack(_ id: ZoneID, _ text: String) {
        #expect(id.description == text)
        #expect(ZoneID(text) == id)
    }

    @Test(
        arguments: [
            "", "-", "core", "package-", "package--0", "package-x", "package-01", "package-+1", "package-0-die",
            "package-0-die-", "package-0-die-x", "package-0-core-1", "package-4294967296", "Package-0",
            "platform-0-die-1",
            "package-0 ", "package-0-die-0-die-0", "p\u{e4}ckage",
        ])
    func whatIsNotATextFormIsRefused(_ text: String) {
        #expect(ZoneID(text) == nil)
    }

    /// Any text: what is accepted is written the same again.
    @Test func fuzz() {
        var generator = SeededGenerator(seed: 17)
        let pieces = ["package", "dram", "platform", "psys", "-", "die", "0", "1", "65536", "\u{301}", " ", "+", "x"]
        var accepted = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &generator)]
            }.joined()
            guard let id = ZoneID(text) else { continue }
            accepted += 1
            #expect(id.description.utf8.elementsEqual(text.utf8))
        }
        #expect(accepted > 100, "too tame: \(accepted)")
    }

    @Test(
        arguments: [
            ("package-0", "package-0", true), ("package-0", "package-1", false), ("package-0", "dram-0", false),
            ("package-0", "package-0-die-1", true), ("package-0-die-0", "package-0-die-1", false),
            ("package-1", "package-0-die-1", false), ("package", "package-3", true), ("platform", "platform-1", true),
            ("dram-0-die-1", "dram-0-die-1", true), ("platform", "psys", false), ("platform-0", "platform-1", false),
        ])
    func overlaps(_ one: String, _ other: String, _ expected: Bool) throws {
        let (one, other) = (try #require(ZoneID(one)), try #require(ZoneID(other)))
        #expect(one.overlaps(other) == expected)
        #expect(other.overlaps(one) == expected)
    }
}
