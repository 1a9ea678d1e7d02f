internal import FoundationEssentials

extension Snapshot {
    /// The JSON form; see docs/snapshot.md.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// Reads what ``json()`` wrote.
    package init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Snapshot.self, from: Data(bytes))
    }
}
