internal import Diagnostics
internal import Snapshot

extension OpenAPI {
    /// Schemas of types by name; those of types that were met on the way too.
    struct Components {
        private(set) var schemas: [(String, JSONValue)] = []
        private var known: Set<String> = []

        /// A reference to the schema of a type, or the schema itself of a simple one.
        mutating func schema(of type: any Decodable.Type) throws -> JSONValue {
            switch type {
            case is String.Type: return ["type": "string"]
            case is Bool.Type: return ["type": "boolean"]
            case is Double.Type: return ["type": "number"]
            case is UInt64.Type: return ["type": "integer", "minimum": 0]
            case is any FixedWidthInteger.Type: return ["type": "integer"]
            case let list as any ListType.Type:
                return ["type": "array", "items": try schema(of: list.elementType)]
            case let words as any WordType.Type:
                return ["type": "string", "enum": .list(words.words.map { .text($0) })]
            case let map as any MapType.Type:
                return ["type": "object", "additionalProperties": try schema(of: map.valueType)]
            default: break
            }
            let name = "\(type)"
            if known.insert(name).inserted { try add(name, try SchemaRecorder.fields(of: type)) }
            return Self.reference(name)
        }

        /// An object that is described by fields.
        ///
        /// - Parameters:
        ///   - isPartial: true where any of its fields may be missing.
        ///   - extend: adds properties.
        mutating func add(
            _ name: String, _ fields: [SchemaRecorder.Field], isPartial: Bool = false,
            extend: (inout [(String, JSONValue)]) -> Void = { _ in }
        ) throws {
            var properties = try fields.map { ($0.name, try schema(of: $0.type)) }
            extend(&properties)
            let required = isPartial ? [] : fields.filter(\.isRequired).map { JSONValue.text($0.name) }
            schemas.append(
                (name, ["type": "object", "properties": .object(properties), "required": .list(required)]))
        }

        static func reference(_ name: String) -> JSONValue { ["$ref": "#/components/schemas/\(name)"] }
    }
}

/// Arrays and objects with any keys, whose elements a recorder cannot see.
private protocol ListType {
    static var elementType: any Decodable.Type { get }
}

private protocol MapType {
    static var valueType: any Decodable.Type { get }
}

/// Enumerations of words.
private protocol WordType {
    static var words: [String] { get }
}

extension Check.Status: WordType {
    fileprivate static var words: [String] { allCases.map(\.rawValue) }
}

extension Array: ListType where Element: Decodable {
    fileprivate static var elementType: any Decodable.Type { Element.self }
}

extension Dictionary: MapType where Key == String, Value: Decodable {
    fileprivate static var valueType: any Decodable.Type { Value.self }
}

extension NamedValues: MapType where Value: Decodable {
    fileprivate static var valueType: any Decodable.Type { Value.self }
}
