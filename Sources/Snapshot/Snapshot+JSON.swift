package import Formatting

extension Snapshot {
    /// The JSON form; see docs/snapshot.md.
    package func json() throws -> [UInt8] {
        try ByteSink.collect { try write(json: $0) }
    }

    /// Appends the JSON form; see docs/snapshot.md.
    package func write(json sink: ByteSink) throws {
        try JSONStream.write(self, to: sink)
    }

    /// Reads what ``json()`` wrote. Throws a `DecodingError`.
    package init(json bytes: [UInt8]) throws {
        self = try JSONStream.read(Snapshot.self, from: bytes)
    }
}
