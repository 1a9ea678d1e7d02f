import Names
import Testing

@Suite struct BoundedNameTests {
    @Test(arguments: ["", "a", String(repeating: "é", count: 256)]) func whatFitsStays(text: String) {
        #expect(boundedName(text) == text)
    }

    @Test(arguments: ["x", "é", "日", "👩‍👩‍👧", "e\u{301}"]) func whatIsTooLongIsCut(part: String) {
        let long = String(repeating: part, count: 2000)
        let cut = boundedName(long)
        #expect(cut.utf8.count <= 512 && cut.utf8.count > 400)
        #expect(cut == boundedName(long) && cut != boundedName(long + "."))
        #expect(boundedName(cut) == cut)
        #expect(cut.utf8.prefix(100).elementsEqual(long.utf8.prefix(100)))
    }
}
