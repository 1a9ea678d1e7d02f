import Testing

@testable import Settings

@Suite struct PlainYAMLTests {
    private func parse(_ text: String) throws -> PlainYAML { try PlainYAML(Array(text.utf8)) }

    /// Keys and values without their lines.
    private func plain(_ yaml: PlainYAML) -> String {
        switch yaml {
        case .scalar(let text): text
        case .list(let items): "[\(items.map(plain).joined(separator: ","))]"
        case .map(let entries): "{\(entries.map { "\($0.key)=\(plain($0.value))" }.joined(separator: ","))}"
        }
    }

    @Test(arguments: [
        ("", "{}"), ("# only a comment\n\n", "{}"), ("---\na: b\n", "{a=b}"), ("a: b", "{a=b}"),
        ("a: b # c", "{a=b}"), ("a: b#c", "{a=b#c}"), ("a:\n  b: c\n  d: e\nf: g\n", "{a={b=c,d=e},f=g}"),
        ("a:\n", "{a=}"), ("a: # nothing\nb: c\n", "{a=,b=c}"), ("a:\n  - x\n  - y\nb: c", "{a=[x,y],b=c}"),
        ("a:\n- x\n- y\nb: c", "{a=[x,y],b=c}"), ("a: [x, \"y\", 'z']", "{a=[x,y,z]}"), ("a: []", "{a=[]}"),
        ("a: {}", "{a={}}"), ("a: { } # b", "{a={}}"), ("a: 'it''s # so'", "{a=it's # so}"),
        ("a: \"b\\\"c\\n\" # d", "{a=b\"c\n}"),
        ("\"a b\": c", "{a b=c}"), ("'a': c", "{a=c}"), ("a: $2y$10$x/y.z", "{a=$2y$10$x/y.z}"),
        ("a: max-age=1; b=c", "{a=max-age=1; b=c}"), ("a: http://x:1/y", "{a=http://x:1/y}"),
        ("a: b\r\nc: d\r\n", "{a=b,c=d}"), ("\u{FEFF}a: b", "{a=b}"), ("caf\u{E9}: \u{1F600}", "{caf\u{E9}=\u{1F600}}"),
        ("a:    b   \n", "{a=b}"),
    ])
    func readsWhatFilesHave(_ text: String, _ expected: String) throws {
        #expect(plain(try parse(text)) == expected)
    }

    /// Never read as something else than full YAML reads it: refused with the line.
    @Test(arguments: [
        ("a: &x b", 1), ("a: *x", 1), ("&x a: b", 1), ("a: !!str b", 1), ("a: |\n  text", 1), ("a: >\n  text", 1),
        ("a: {b: c}", 1), ("a: {}}", 1), ("a: { } b", 1), ("a: {}{}", 1), ("a: b\n\tc: d", 2), ("a: b\n  c: d", 2),
        ("a:\n    b: c\n  d: e", 3), ("a: b\na: c", 2),
        ("a: b\n---\nc: d", 2), ("a: b\n...", 2), ("a", 1), ("a: 'b", 1), ("a: \"b\\x41\"", 1), ("a: 'b' c", 1),
        ("a: b: c", 1), ("a: b:", 1), ("a: - b", 1), ("a: [b", 1), ("a: [b, [c]]", 1), ("a: [b,,c]", 1),
        ("? a: b", 1), ("<<: *x", 1), ("a:\n  - b\n  c: d", 3), ("a: b\u{0}", 1), ("a: b\u{1B}[2J", 1),
        ("- a: b", 1), ("- - a", 1), ("a: `b`", 1), ("%YAML 1.2\n---\na: b", 2), ("  a: b\nc: d", 2),
    ])
    func refusesTheRest(_ text: String, _ line: Int) throws {
        let failure = try #require(throws: PlainYAML.Failure.self) { try parse(text) }
        #expect(failure.line == line, "\(failure)")
        #expect(failure.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(failure)")
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(throws: PlainYAML.Failure.self) { try PlainYAML([0x61, 0x3A, 0x20, 0xFF]) }
    }

    @Test func nestingHasAnEnd() throws {
        let deep = (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(try #require(throws: PlainYAML.Failure.self) { try parse(deep) }.reason == "nested too deep")
        let brackets = "a: " + String(repeating: "[", count: 60_000)
        #expect(throws: PlainYAML.Failure.self) { try parse(brackets) }
        #expect(throws: PlainYAML.Failure.self) { try parse(brackets + String(repeating: "]", count: 60_000)) }
    }

    /// As large as a file may be: no key takes longer than the one before.
    @Test(.timeLimit(.minutes(1))) func manyKeysTakeNoLonger() throws {
        guard case .map(let entries) = try parse((0..<8000).map { "k\($0): v\n" }.joined()) else {
            Issue.record("no map")
            return
        }
        #expect(entries.count == 8000 && entries.last?.line == 8000)
    }
}
