extension JSONStream {
    /// Reads what ``write(_:to:)`` wrote, or any other JSON with the fields of `Value`, in any order: in a quarter of the
    /// time that `JSONDecoder` needs.
    ///
    /// Fields that are not asked for are skipped; of several of one name the first counts. Throws a `DecodingError`.
    package static func read<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONReader(tape(bytes)).read(type, at: 0)
    }

    /// The same of a snapshot, with what is to be known of it for the next one.
    static func readSnapshot(
        _ bytes: [UInt8], after last: WorkloadMemory?
    ) throws -> (snapshot: Snapshot, memory: WorkloadMemory) {
        let reader = JSONReader(try tape(bytes))
        reader.last = last
        reader.memory = WorkloadMemory(of: bytes)
        let snapshot = try reader.read(Snapshot.self, at: 0)
        return (snapshot, reader.memory ?? WorkloadMemory(of: []))
    }

    private static func tape(_ bytes: [UInt8]) throws -> JSONTape {
        do {
            return try JSONTape(bytes)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "no JSON from byte \(error.offset) on"))
        }
    }
}

/// Decodes the value at one place after the other.
final class JSONReader: Decoder {
    let tape: JSONTape
    let userInfo: [CodingUserInfoKey: Any] = [:]
    /// Of the last ``NamedValues`` that were read, to be shared by the next.
    var zoneNames: [String] = []
    var otherNames: [String] = []
    /// Workloads of the document before, and of this one; nil where they are not asked for.
    fileprivate var last: WorkloadMemory?
    fileprivate var memory: WorkloadMemory?
    /// Of the value that is being decoded.
    private var place = 0

    init(_ tape: JSONTape) {
        self.tape = tape
    }

    func read<Value: Decodable>(_ type: Value.Type, at place: Int) throws -> Value {
        let outer = self.place
        self.place = place
        defer { self.place = outer }
        if type == Snapshot.Workload.self, memory != nil {
            return try get(try workload(at: place) as? Value, at: place)
        }
        return try frequent(type, at: place) ?? Value(from: self)
    }

    private func workload(at place: Int) throws -> Snapshot.Workload {
        let entry = tape.entries[place]
        let range = Int(entry.start)..<Int(entry.end)
        let number = memory?.count ?? 0
        let workload =
            try last?.workload(at: number, equal: tape.bytes, at: range) ?? Snapshot.Workload(from: self)
        memory?.append(workload, range: range)
        return workload
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try JSONObject<Key>(self, at: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try JSONArray(self, at: place) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { JSONValue(reader: self, place: place) }

    // MARK: Values

    /// What `value` is of the entry at `place`. Throws where that is nil.
    func get<Value>(_ value: Value?, at place: Int) throws -> Value {
        guard let value else { throw mismatch(Value.self, at: place) }
        return value
    }

    func isNull(at place: Int) -> Bool { tape.entries[place].kind == .null }

    // MARK: Errors

    func mismatch(_ type: Any.Type, at place: Int) -> DecodingError {
        let context = DecodingError.Context(codingPath: path(to: place), debugDescription: "no \(type)")
        return isNull(at: place) ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    var codingPath: [any CodingKey] { path(to: place) }

    /// Found again from the start of the document: only errors ask for it.
    func path(to target: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var container = 0
        while container < target, [.object, .array].contains(tape.entries[container].kind) {
            let isObject = tape.entries[container].kind == .object
            var (member, number) = (container + 1, 0)
            while member < Int(tape.entries[container].next) {
                let value = isObject ? member + 1 : member
                if target < Int(tape.entries[value].next) {
                    path.append(
                        isObject ? PathKey(stringValue: tape.string(at: member) ?? "?") : PathKey(intValue: number))
                    container = value
                    break
                }
                (member, number) = (Int(tape.entries[value].next), number + 1)
            }
        }
        return path
    }
}

private struct PathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        (self.stringValue, intValue) = (stringValue, nil)
    }

    init(intValue: Int) {
        (stringValue, self.intValue) = ("\(intValue)", intValue)
    }
}

/// A class, because looking for a field moves ``expected``.
private final class JSONObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// From so many members on there is an index of them: the sender decides how many there are.
    private static var many: Int { 64 }

    private let reader: JSONReader
    private let container: Int
    /// The place of the member after the last one that was found: fields mostly come in the order in which they are read.
    private var expected: Int
    private var index: [String: Int]?

    init(_ reader: JSONReader, at place: Int) throws {
        guard reader.tape.entries[place].kind == .object else {
            throw reader.mismatch([String: Any].self, at: place)
        }
        self.reader = reader
        container = place
        expected = place + 1
    }

    var codingPath: [any CodingKey] { reader.path(to: container) }

    private var end: Int { Int(reader.tape.entries[container].next) }

    /// The member after that at `place`.
    private func next(_ place: Int) -> Int { Int(reader.tape.entries[place + 1].next) }

    var allKeys: [Key] {
        var keys: [Key] = []
        var member = container + 1
        while member < end {
            if let key = reader.tape.string(at: member).flatMap(Key.init(stringValue:)) { keys.append(key) }
            member = next(member)
        }
        return keys
    }

    /// The place of the value of `key`; nil where there is none.
    private func find(_ key: Key) -> Int? {
        let name = key.stringValue
        if expected < end, reader.tape.isName(at: expected, name) {
            defer { expected = next(expected) }
            return expected + 1
        }
        guard let member = search(name) else { return nil }
        expected = next(member)
        return member + 1
    }

    private func search(_ name: String) -> Int? {
        if let index { return index[name] }
        var member = container + 1
        var count = 0
        while member < end {
            if reader.tape.isName(at: member, name) { return member }
            member = next(member)
            count += 1
            if count == Self.many { return indexed()[name] }
        }
        return nil
    }

    private func indexed() -> [String: Int] {
        var index: [String: Int] = [:]
        var member = container + 1
        while member < end {
            if let name = reader.tape.string(at: member), index[name] == nil { index[name] = member }
            member = next(member)
        }
        self.index = index
        return index
    }

    private func place(of key: Key) throws -> Int {
        guard let place = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "no such field"))
        }
        return place
    }

    /// Nil for null, too.
    private func known(_ key: Key) -> Int? { find(key).flatMap { reader.isNull(at: $0) ? nil : $0 } }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { reader.isNull(at: try place(of: key)) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        let place = try place(of: key)
        return try reader.get(reader.tape.bool(at: place), at: place)
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        let place = try place(of: key)
        return try reader.get(reader.tape.string(at: place), at: place)
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        let place = try place(of: key)
        return try reader.get(reader.tape.double(at: place), at: place)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        let place = try place(of: key)
        return try reader.get(reader.tape.integer(at: place), at: place)
    }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        let place = try place(of: key)
        return try reader.get(reader.tape.integer(at: place), at: place)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try reader.read(type, at: try place(of: key))
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try known(key).map { try reader.get(reader.tape.bool(at: $0), at: $0) }
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try known(key).map { try reader.get(reader.tape.string(at: $0), at: $0) }
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try known(key).map { try reader.get(reader.tape.double(at: $0), at: $0) }
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try known(key).map { try reader.get(reader.tape.integer(at: $0), at: $0) }
    }

    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        try known(key).map { try reader.get(reader.tape.integer(at: $0), at: $0) }
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try known(key).map { try reader.read(type, at: $0) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONObject<Nested>(reader, at: try place(of: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONArray(reader, at: try place(of: key))
    }

    func superDecoder() throws -> any Decoder { preconditionFailure("values, not classes") }
    func superDecoder(forKey key: Key) throws -> any Decoder { preconditionFailure("values, not classes") }
}

private struct JSONArray: UnkeyedDecodingContainer {
    private let reader: JSONReader
    private let container: Int
    private var place: Int
    private(set) var currentIndex = 0

    init(_ reader: JSONReader, at place: Int) throws {
        guard reader.tape.entries[place].kind == .array else { throw reader.mismatch([Any].self, at: place) }
        self.reader = reader
        container = place
        self.place = place + 1
    }

    var codingPath: [any CodingKey] { reader.path(to: container) }
    var isAtEnd: Bool { place >= Int(reader.tape.entries[container].next) }
    /// Not counted: that would take as long as reading them.
    var count: Int? { nil }

    /// The place of the next element, which is taken. Throws at the end.
    private mutating func take(_ type: Any.Type) throws -> Int {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type, .init(codingPath: codingPath, debugDescription: "no more elements"))
        }
        defer {
            place = Int(reader.tape.entries[place].next)
            currentIndex += 1
        }
        return place
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, reader.isNull(at: place) else { return false }
        _ = try take(Never.self)
        return true
    }

    mutating func decode(_ type: String.Type) throws -> String {
        let place = try take(type)
        return try reader.get(reader.tape.string(at: place), at: place)
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        let place = try take(type)
        return try reader.get(reader.tape.double(at: place), at: place)
    }

    mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
        let place = try take(type)
        return try reader.get(reader.tape.integer(at: place), at: place)
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try reader.read(type, at: try take(type))
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONObject<Nested>(reader, at: try take(type)))
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try JSONArray(reader, at: try take([Any].self))
    }

    mutating func superDecoder() throws -> any Decoder { preconditionFailure("values, not classes") }
}

private struct JSONValue: SingleValueDecodingContainer {
    let reader: JSONReader
    let place: Int

    var codingPath: [any CodingKey] { reader.path(to: place) }

    func decodeNil() -> Bool { reader.isNull(at: place) }
    func decode(_ type: Bool.Type) throws -> Bool { try reader.get(reader.tape.bool(at: place), at: place) }
    func decode(_ type: String.Type) throws -> String { try reader.get(reader.tape.string(at: place), at: place) }
    func decode(_ type: Double.Type) throws -> Double { try reader.get(reader.tape.double(at: place), at: place) }
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try reader.read(type, at: place) }

    private func integer<Value: FixedWidthInteger>() throws -> Value {
        try reader.get(reader.tape.integer(at: place), at: place)
    }
}
