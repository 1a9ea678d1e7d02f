/// Values by name, such as the energy of a workload by zone: a dictionary in JSON, two arrays in memory.
///
/// Thousands of workloads have the same names in the same order. They share one array of names, so that a reader who
/// has looked up its names once finds those of the next workload in place, and each workload costs one allocation.
package struct NamedValues<Value: Sendable>: Sendable {
    /// Each name once.
    package private(set) var names: [String]
    /// In the order of ``names``.
    package private(set) var values: [Value]

    /// - Parameter names: each once, and as many as there are values; share the array between those that are alike.
    package init(names: [String], values: [Value]) {
        precondition(names.count == values.count, "a value for each name")
        self.names = names
        self.values = values
    }

    package var count: Int { values.count }
    package var isEmpty: Bool { values.isEmpty }

    /// nil where there is no such name. Linear in the number of names, which are few.
    package subscript(name: String) -> Value? {
        names.firstIndex(of: name).map { values[$0] }
    }
}

/// For one type, because this runs for every workload of every tick, and generic code of another module is slow.
extension NamedValues<Snapshot.ZoneEnergy> {
    /// Takes in other values, one for each of `names`. The storage is used again where the names are the same.
    package mutating func update(names: [String], _ value: (Int) -> Snapshot.ZoneEnergy) {
        guard self.names == names else {
            self = NamedValues(names: names, values: names.indices.map(value))
            return
        }
        for index in values.indices { values[index] = value(index) }
    }
}

extension NamedValues: Sequence {
    package func makeIterator() -> Zip2Sequence<[String], [Value]>.Iterator { zip(names, values).makeIterator() }
}

extension NamedValues: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        self.init(names: elements.map(\.0), values: elements.map(\.1))
    }
}

extension NamedValues: Equatable where Value: Equatable {
    /// In any order.
    package static func == (a: Self, b: Self) -> Bool {
        if a.names == b.names { return a.values == b.values }
        return a.count == b.count && a.allSatisfy { b[$0] == $1 }
    }
}

extension NamedValues: Encodable where Value: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AnyKey.self)
        for (name, value) in self { try container.encode(value, forKey: AnyKey(stringValue: name)) }
    }
}

extension NamedValues: Decodable where Value: Decodable {
    /// Sorted by name, because a decoder gives the keys in no order.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
        self.init(
            names: keys.map(\.stringValue), values: try keys.map { try container.decode(Value.self, forKey: $0) })
    }
}

/// Any name as a key.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}
