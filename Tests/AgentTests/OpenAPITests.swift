import Formatting
import FoundationEssentials
import Hummingbird
import Querying
import Snapshot
import SnapshotSamples
import Testing

@testable import Agent

/// The description is made from the code; these tests compare it with what the code writes.
@Suite struct OpenAPITests {
    /// Any JSON.
    private indirect enum Value: Decodable {
        case object([String: Value])
        case list([Value])
        case text(String)
        case number(Double)
        case flag(Bool)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                self = .flag(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else if let value = try? container.decode([Value].self) {
                self = .list(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        subscript(_ names: String...) -> Value? {
            names.reduce(self as Value?) { value, name in
                if case .object(let fields) = value { fields[name] } else { nil }
            }
        }

        var text: String? { if case .text(let value) = self { value } else { nil } }
        var fields: [String: Value] { if case .object(let fields) = self { fields } else { [:] } }
        var words: [String] { if case .list(let values) = self { values.compactMap(\.text) } else { [] } }
    }

    private let description: Value

    init() throws {
        description = try JSONDecoder().decode(Value.self, from: Data(OpenAPI.document.get().utf8))
    }

    /// Where a value is not as its schema says.
    private func mistakes(_ value: Value, _ schema: Value, _ place: String = "") -> [String] {
        if let name = schema["$ref"]?.text?.split(separator: "/").last {
            guard let target = description["components", "schemas", String(name)] else {
                return ["\(place): no \(name)"]
            }
            return mistakes(value, target, place)
        }
        switch (schema["type"]?.text, value) {
        case ("object", .object(let fields)):
            let properties = schema["properties"]?.fields ?? [:]
            let missing = (schema["required"]?.words ?? []).filter { fields[$0] == nil }.map { "\(place): no \($0)" }
            return missing
                + fields.flatMap { name, value -> [String] in
                    guard let schema = properties[name] ?? schema["additionalProperties"] else {
                        return ["\(place)/\(name) is not described"]
                    }
                    return mistakes(value, schema, "\(place)/\(name)")
                }
        case ("array", .list(let values)):
            return values.flatMap { mistakes($0, schema["items"] ?? .flag(true), place + "[]") }
        case ("string", .text(let text)):
            let words = schema["enum"]?.words
            return words?.contains(text) ?? true ? [] : ["\(place): \(text) is none of its words"]
        case ("number", .number), ("integer", .number), ("boolean", .flag): return []
        // JSONDecoder reads 0 and 1 as flags.
        case ("number", .flag), ("integer", .flag): return []
        default: return ["\(place): \(schema) does not describe \(value)"]
        }
    }

    @Test(arguments: [
        ("Snapshot", "/api/v1/snapshot"), ("WorkloadAnswer", "/api/v1/workloads"), ("StatusDocument", "/api/v1/status"),
    ]) func answersAreAsDescribed(_ name: String, _ path: String) throws {
        let snapshot = fullSnapshot()
        let bytes = try ByteSink.collect { sink in
            switch name {
            case "Snapshot": try snapshot.write(json: sink)
            case "WorkloadAnswer": try WorkloadQuery().write(answerFrom: snapshot, to: sink)
            default: try StatusDocument(snapshot, Readiness(isReady: true, isAlive: true)).write(to: sink)
            }
        }
        let schema = try #require(
            description["paths", path, "get", "responses", "200", "content", "application/json", "schema"])
        #expect(schema["$ref"]?.text == "#/components/schemas/\(name)")
        let value = try JSONDecoder().decode(Value.self, from: Data(bytes))
        #expect(mistakes(value, schema) == [])
    }

    @Test func problemsAreAsDescribed() throws {
        let problem = Problem(.badRequest, cause: "a", remedy: "b", parameter: "c")
        let bytes = try ByteSink.collect { try JSONStream.write(problem, to: $0) }
        let schema = try #require(description["components", "schemas", "Problem"])
        #expect(mistakes(try JSONDecoder().decode(Value.self, from: Data(bytes)), schema) == [])
    }

    @Test func everyRouteIsDescribed() throws {
        let paths = try #require(description["paths"])
        #expect(Set(paths.fields.keys) == Set(Endpoint.allCases.map(\.rawValue)))
        #expect(description["openapi"]?.text == "3.1.0")
        for endpoint in Endpoint.allCases {
            #expect(indexPage.contains("<a href=\"\(endpoint.rawValue)\">") == (endpoint != .index))
        }
    }
}
