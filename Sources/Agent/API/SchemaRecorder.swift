/// Finds out what JSON a type reads, by letting it read from a decoder that has everything and remembers what it was
/// asked for. So a description cannot differ from the type.
///
/// For what `Codable` makes by itself; see ``OpenAPI/schema(of:in:)``.
final class SchemaRecorder: Decoder {
    /// A field of an object.
    struct Field {
        let name: String
        let type: any Decodable.Type
        let isRequired: Bool
    }

    private(set) var fields: [Field] = []
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// The fields that `type` reads.
    static func fields(of type: any Decodable.Type) throws -> [Field] {
        let recorder = SchemaRecorder()
        _ = try type.init(from: recorder)
        return recorder.fields
    }

    fileprivate func record(_ name: String, _ type: any Decodable.Type, isRequired: Bool) {
        fields.append(Field(name: name, type: type, isRequired: isRequired))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(SchemaObject(recorder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { SchemaArray() }
    func singleValueContainer() -> any SingleValueDecodingContainer { SchemaValue() }
}

/// An object that has every field.
private struct SchemaObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: SchemaRecorder
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    /// Of types that read more than one container for a value.
    static var unsupported: DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "one container for each value"))
    }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        recorder.record(key.stringValue, type, isRequired: true)
        return try T(from: SchemaRecorder())
    }

    private func skip<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
        recorder.record(key.stringValue, type, isRequired: false)
        return nil
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { skip(type, key) }
    // The standard library has defaults for these, which would ask for the value.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { skip(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { skip(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { skip(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) -> Float? { skip(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { skip(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) -> Int8? { skip(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) -> Int16? { skip(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) -> Int32? { skip(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { skip(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) -> UInt? { skip(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) -> UInt8? { skip(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) -> UInt16? { skip(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) -> UInt32? { skip(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) -> UInt64? { skip(type, key) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Self.unsupported }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { SchemaArray() }
    func superDecoder() -> any Decoder { recorder }
    func superDecoder(forKey key: Key) -> any Decoder { recorder }
}

/// An array without elements.
private struct SchemaArray: UnkeyedDecodingContainer {
    let codingPath: [any CodingKey] = []
    let count: Int? = 0
    let isAtEnd = true
    let currentIndex = 0

    mutating func decodeNil() -> Bool { true }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: SchemaRecorder()) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw SchemaObject<Nested>.unsupported }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
    mutating func superDecoder() -> any Decoder { SchemaRecorder() }
}

/// A value of any type.
private struct SchemaValue: SingleValueDecodingContainer {
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }
    func decode(_ type: Bool.Type) -> Bool { false }
    func decode(_ type: String.Type) -> String { "ok" }
    func decode(_ type: Double.Type) -> Double { 0 }
    func decode(_ type: Float.Type) -> Float { 0 }
    func decode(_ type: Int.Type) -> Int { 0 }
    func decode(_ type: Int8.Type) -> Int8 { 0 }
    func decode(_ type: Int16.Type) -> Int16 { 0 }
    func decode(_ type: Int32.Type) -> Int32 { 0 }
    func decode(_ type: Int64.Type) -> Int64 { 0 }
    func decode(_ type: UInt.Type) -> UInt { 0 }
    func decode(_ type: UInt8.Type) -> UInt8 { 0 }
    func decode(_ type: UInt16.Type) -> UInt16 { 0 }
    func decode(_ type: UInt32.Type) -> UInt32 { 0 }
    func decode(_ type: UInt64.Type) -> UInt64 { 0 }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: SchemaRecorder()) }
}
