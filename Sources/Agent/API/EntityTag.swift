internal import Snapshot

/// The value of the header `ETag`: which snapshot, which form.
struct EntityTag: Sendable {
    let text: String

    init(_ snapshot: Snapshot, _ format: SnapshotBodies.Format) {
        // The numbers of snapshots begin anew with every run of the agent.
        let moment = UInt64(min(max(0, snapshot.unixTime * 1000), 1e15))
        let form = "\(format.content.tag)\(format.isCompressed ? "z" : "")"
        text = "\"\(String(moment, radix: 36))-\(snapshot.sequence)-\(form)\""
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
