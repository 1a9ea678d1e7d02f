internal import Formatting
internal import NIOCore
internal import Querying
internal import Snapshot

/// Messages of `/api/v1/stream`: https://html.spec.whatwg.org/multipage/server-sent-events.html
enum StreamEvent {
    /// A snapshot, or the answer to a query, as a message whose id is the snapshot's sequence. JSON has no line feeds
    /// here, so it is one line of data.
    static func write(_ query: WorkloadQuery?, of snapshot: Snapshot, to sink: ByteSink) throws {
        sink.append("event: \(query == nil ? "snapshot" : "workloads")\nid: \(snapshot.sequence)\ndata: ")
        if let query { try query.write(answerFrom: snapshot, to: sink) } else { try snapshot.write(json: sink) }
        sink.append("\n\n")
    }

    /// Says how many snapshots the reader was too slow for.
    static func skipped(_ count: UInt64) -> ByteBuffer {
        ByteBuffer(string: "event: skipped\ndata: {\"count\":\(count)}\n\n")
    }

    /// What a browser waits before it connects again, ms, so that a thousand of them do not return at once with an agent.
    static let start = ByteBuffer(string: "retry: 3000\n\n")
    /// A comment, which keeps proxies from closing a quiet connection, and shows whether the reader is still there.
    static let heartbeat = ByteBuffer(string: ":\n\n")
}
