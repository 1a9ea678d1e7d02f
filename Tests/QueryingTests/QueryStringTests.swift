import Querying
import Testing

@Suite struct QueryStringTests {
    private func read(_ text: String) throws -> [String] {
        try QueryString(text).parameters.map { "\($0.name)|\($0.value)" }
    }

    @Test func parametersAreDecoded() throws {
        #expect(try read("") == [])
        #expect(try read("a=1&b=two+words&c=%C3%A4%26&d&&e=x=y") == ["a|1", "b|two words", "c|ä&", "d|", "e|x=y"])
        #expect(try read("%61=%2B%2b") == ["a|++"])
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%C3", "%=1", "a=%ff"]) func whatIsBrokenIsRefused(_ text: String) {
        #expect(throws: QueryProblem.self) { try QueryString(text) }
    }

    @Test func aLongOneIsRefused() throws {
        let text = "a=" + String(repeating: "b", count: QueryString.longest - 2)
        #expect(try QueryString(text).parameters.count == 1)
        #expect(throws: QueryProblem.self) { try QueryString(text + "b") }
    }
}
