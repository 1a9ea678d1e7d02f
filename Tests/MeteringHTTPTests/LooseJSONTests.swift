import TestSupport
import Testing

@testable import MeteringHTTP

@Suite struct LooseJSONTests {
    private func json(_ text: String) -> LooseJSON? { LooseJSON(Array(text.utf8)) }

    @Test(arguments: [
        (" null ", LooseJSON.null), ("true", .bool(true)), ("-1.5e2", .number(-150)),
        ("\"a\\u00e9\\n\\\"\"", .string("aé\n\"")),
        ("\"\\ud83d\\ude00\"", .string("😀")), ("\"\\ud83dx\"", .string("\u{FFFD}x")),
        ("[1,,2,]", .array([.number(1), .number(2)])),
        ("{\"a\":1,\"a\":2}", .object(["a": .number(2)])), ("{}", .object([:])), ("Infinity", .null), ("1e999", .null),
    ])
    func values(_ text: String, _ value: LooseJSON) {
        #expect(json(text) == value)
    }

    @Test(arguments: ["", "{", "[1", "{\"a\"", "{\"a\":", "{a:1}", "\"x", "\"\\u12\"", "\"\\", "<html>", "}", "[1 }"])
    func whatIsCutOffOrNoJSON(_ text: String) {
        #expect(json(text) == nil)
    }

    @Test func depthAndSizeAreBounded() {
        #expect(json(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
        #expect(json(String(repeating: "[", count: 1_000_000)) == nil)
        #expect(json("[" + String(repeating: "1,", count: 300_000) + "]") == nil)
    }

    /// Every reader of foreign bytes bears everything.
    @Test func garbageIsNoDanger() throws {
        let origin = try #require(RedfishOrigin("https://bmc"))
        let seeds = [
            service(("1", 5)), #"{"PowerSupplies": [{"Status": {"State": "Absent"}}, {"PowerInputWatts": "12 W"}]}"#,
            #"{"Links": {"ContainedBy": {"@odata.id": "/a"}, "Contains": [{"@odata.id": "../b"}]}, "PowerWatts": {"Reading": 1e9}}"#,
            #"{"Members": [{"@odata.id": "https://bmc/x#y"}], "Members@odata.nextLink": "?$skip=1"}"#,
        ].map { Array($0.utf8) }
        let words: [[UInt8]] = ["null", "{", "}", "[", "]", "\"", "\\u", "1e", ":", ",", "//", "\u{FEFF}"].map {
            Array($0.utf8)
        }
        var random = SeededGenerator(seed: 5)
        for round in 0..<20_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 4))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            if let watts = RedfishPower.watts(in: bytes) { #expect(watts > 0 && watts <= RedfishPower.highest) }
            _ = RedfishPage(bytes)
            _ = RedfishSystem(bytes, at: "/s", of: origin)
            if let chassis = RedfishChassis(bytes, at: "/c", of: origin) {
                _ = RedfishSelection.select(among: [chassis], watts: ["/c": 1], systems: [], uuid: nil)
            }
        }
    }
}
