import Snapshot
import Terminal

/// Where snapshots come from: a running agent, or the engine in this process.
protocol SnapshotSource: Sendable {
    /// The newest snapshot. Throws when there is none; may be called again after that.
    mutating func next() async throws -> Snapshot
    /// The newest snapshot as JSON.
    mutating func nextDocument() async throws -> [UInt8]
    /// What was used before the newest snapshot; nil where nothing is remembered. Never throws: without it the view shows
    /// less. May be called beside the others.
    func past() async -> PastUse?
    /// Closes connections; the last call.
    mutating func close() async
}

extension SnapshotSource {
    mutating func nextDocument() async throws -> [UInt8] {
        try await next().json()
    }

    func past() async -> PastUse? { nil }

    mutating func close() async {}
}

/// A failure with its remedy, for the user.
struct SourceFailure: Error, CustomStringConvertible {
    enum Kind {
        /// Nothing listens there.
        case absent
        /// An agent is there and has no snapshot yet.
        case starting
        /// Its answer would be too large.
        case tooLarge
        case other
    }

    let description: String
    let kind: Kind

    init(_ description: String, kind: Kind = .other) {
        self.description = description
        self.kind = kind
    }
}
