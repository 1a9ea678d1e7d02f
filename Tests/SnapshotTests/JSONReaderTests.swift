import Formatting
import FoundationEssentials
import Snapshot
import SnapshotSamples
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    private struct Document: Codable, Equatable {
        struct Inner: Codable, Equatable {
            var name: String
        }

        var text: String
        var number: Double?
        var count: Int?
        var large: UInt64?
        var small: Int8?
        var isOn: Bool?
        var words: [String]?
        var inner: [Inner]?
        var texts: [String: String]?
        var values: NamedValues<Double>?
    }

    private func read(_ text: String) throws -> Document { try JSONStream.read(Document.self, from: Array(text.utf8)) }

    private func foundation<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }

    @Test func aSnapshotIsReadAsFoundationReadsIt() throws {
        let snapshot = fullSnapshot()
        let json = try snapshot.json()
        #expect(try Snapshot(json: json) == snapshot)
        #expect(foundation(Snapshot.self, json) == snapshot)
    }

    @Test func anyOrderSpaceAndUnknownFields() throws {
        let document = try read(
            """
             {"later":[1,{"a":[]},{}, "x\\"]"],\t"values" : {"b":1,"a":-2.5e0},"inner":[ ],"number":12,
            "texts":{"k":"v","l":""},"isOn":false,"text":"t","words":["a","b"],"count":null,"text":"second"}\r\n
            """)
        let expected = Document(
            text: "t", number: 12, isOn: false, words: ["a", "b"], inner: [], texts: ["k": "v", "l": ""],
            values: ["a": -2.5, "b": 1])
        #expect(document == expected)
    }

    @Test func escapes() throws {
        #expect(try read(#"{"t\u0065xt":"\"\\\/\b\f\n\r\t\u00e9\ud83d\uDE00"}"#).text == "\"\\/\u{8}\u{C}\n\r\té😀")
        for wrong in [#"\u12"#, #"\ud83d"#, #"\ud83dx"#, #"\ud83d\u0041"#, #"\ude00"#, #"\x"#, #"\u+123"#] {
            #expect(throws: DecodingError.self, "\(wrong)") { try read("{\"text\":\"\(wrong)\"}") }
        }
        let invalid = Array(#"{"text":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONStream.read(Document.self, from: invalid) }
    }

    @Test func numbers() throws {
        let document = try read(#"{"text":"","count":-9223372036854775808,"large":18446744073709551615,"small":5.0e1}"#)
        #expect(document.count == .min && document.large == .max && document.small == 50)
        #expect(try read(#"{"text":"","number":-0.0}"#).number?.sign == .minus)
        for wrong in [
            "\"count\":1.5", "\"small\":128", "\"large\":-1", "\"large\":18446744073709551616", "\"number\":1e999",
        ] {
            #expect(throws: DecodingError.self, "\(wrong)") { try read("{\"text\":\"\",\(wrong)}") }
        }
    }

    /// Each to the last bit.
    @Test func fractionsAreRoundedCorrectly() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let digits =
                UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0..<64, using: &generator)
            let places = Int.random(in: 0...25, using: &generator)
            var text = String(digits)
            if text.count > places, places > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -places)) }
            if Bool.random(using: &generator) { text += "e\(Int.random(in: -40...40, using: &generator))" }
            let value = try JSONStream.read([Double].self, from: Array("[\(text)]".utf8))[0]
            #expect(value == Double(text), "\(text)")
        }
    }

    @Test func whatIsNoJSONIsRefused() {
        let wrong = [
            "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "{\"text\"}", "{\"text\":}", "{\"text\":\"a\",}",
            "{\"text\":\"a\"}}",
            "{\"text\":\"a\" \"b\":1}", "{text:1}", "[1 2]", "{\"text\":\"a]", "{\"text\":\"a\\", "tru",
            "{\"text\":\"\n\"}",
            "[01]", "[1.]", "[.5]", "[-]", "[1e]", "[+1]", "[NaN]", "{\"a\":[}", "{\"a\":1]", "[{]", "nul",
        ]
        for text in wrong {
            #expect(throws: DecodingError.self, "\(text)") {
                try JSONStream.read([String: Int?].self, from: Array(text.utf8))
            }
            #expect(throws: DecodingError.self, "\(text)") { try JSONStream.read([Int].self, from: Array(text.utf8)) }
        }
    }

    @Test func depthIsBounded() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: DecodingError.self) { try JSONStream.read([Int].self, from: deep) }
    }

    @Test func errorsNameTheField() {
        func path(_ text: String) -> String {
            do {
                _ = try read(text)
                return "read"
            } catch DecodingError.typeMismatch(_, let context) {
                return "type " + context.codingPath.map(\.stringValue).joined(separator: ".")
            } catch DecodingError.valueNotFound(_, let context) {
                return "null " + context.codingPath.map(\.stringValue).joined(separator: ".")
            } catch DecodingError.keyNotFound(let key, let context) {
                return "no \(key.stringValue) in " + context.codingPath.map(\.stringValue).joined(separator: ".")
            } catch {
                return "\(error)"
            }
        }
        #expect(path(#"{"text":1}"#) == "type text")
        #expect(path(#"{"text":null}"#) == "null text")
        #expect(path(#"{"text":"","inner":[{"name":"a"},{"name":[]}]}"#) == "type inner.1.name")
        #expect(path(#"{"text":"","inner":[{"name":"a"},{}]}"#) == "no name in inner.1")
        #expect(path(#"{"text":"","texts":{"a":1}}"#) == "type texts.a")
        #expect(path("[]") == "type ")
    }

    /// Looking for each of many names one by one would take hours.
    @Test func manyMembers() throws {
        let count = 200_000
        let members = (0..<count).reversed().map { "\"z\($0)\":\($0)" }.joined(separator: ",")
        let values = try JSONStream.read(NamedValues<Double>.self, from: Array("{\(members)}".utf8))
        #expect(values.count == count && values["z7"] == 7)
    }

    /// Whatever has changed, came or went since the snapshot before.
    @Test func aReaderOfManySnapshotsReadsEach() throws {
        var generator = SeededGenerator(seed: 3)
        let reader = SnapshotReader()
        var snapshot = fullSnapshot()
        for round in 0..<60 {
            snapshot.sequence += 1
            for index in snapshot.workloads.indices where Int.random(in: 0..<3, using: &generator) == 0 {
                snapshot.workloads[index].cpuSeconds += 1
                snapshot.workloads[index].labels["round"] = "\(round)"
            }
            if Bool.random(using: &generator) { snapshot.workloads.shuffle(using: &generator) }
            if round % 7 == 3 { snapshot.workloads.removeFirst() }
            if round % 7 == 5 { snapshot.workloads.insert(fullSnapshot().workloads[0], at: 1) }
            let json = try snapshot.json()
            #expect(try reader.read(json) == Snapshot(json: json))
            #expect(throws: DecodingError.self) { try reader.read(Array(json.dropLast(5))) }
        }
    }

    /// A damaged document may be refused; what is read of it is what is there.
    @Test func damagedDocumentsAreReadAsFoundationReadsThem() throws {
        var generator = SeededGenerator(seed: 5)
        let json = try fullSnapshot().json()
        var read = 0
        for _ in 0..<500 {
            var bytes = json
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes[place] = Array("{}[]\",:\\ ne-.5".utf8).randomElement(using: &generator) ?? 0
                }
            }
            guard let snapshot = try? Snapshot(json: bytes) else { continue }
            read += 1
            guard let other = foundation(Snapshot.self, bytes) else { continue }
            #expect(snapshot == other, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(read > 50, "\(read)")
    }
}
