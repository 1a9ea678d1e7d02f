internal import Snapshot

/// The value of the header `ETag`: which run of the agent, which snapshot, which form.
struct EntityTag: Sendable {
    let text: String

    init(_ snapshot: Snapshot, _ format: SnapshotBodies.Format) {
        let start = UInt64(max(0, snapshot.agent.startUnixTime ?? 0) * 1000)
        self.init(run: start, sequence: snapshot.sequence, format)
    }

    private init(run: UInt64, sequence: UInt64, _ format: SnapshotBodies.Format) {
        let form = "\(format.content.tag)\(format.isCompressed ? "z" : "")"
        text = "\"\(String(run, radix: 36))-\(sequence)-\(form)\""
    }

    /// Whether a client has it already.
    ///
    /// - Parameter condition: the header `If-None-Match`: RFC 9110, 13.1.2. Tags of other servers never match.
    func matches(_ condition: String) -> Bool {
        condition.split(separator: ",").contains { part in
            let tag = part.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == text
        }
    }
}
