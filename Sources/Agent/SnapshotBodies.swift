internal import Compression
internal import Engine
internal import Formatting
internal import NIOCore
internal import Querying
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// The bodies of `/metrics` and of `/api`: each made once per snapshot, when the first reader asks for it, on
/// a thread of its own. Requests that arrive meanwhile wait for the same rendering and share the result.
///
/// A slow reader keeps the body that it reads, and sixty of them could keep as many. So once bodies take more than the limit
/// together, a reader gets the last body that was made, and new ones wait until old ones are gone. Queries, of which there
/// is any number, are then refused, and so are more than a few of them at a time.
final class SnapshotBodies: Sendable {
    /// A body that is there as long as somebody reads it, or it is the last of its format.
    final class Body: Sendable {
        let buffer: ByteBuffer
        /// Of the snapshot that it shows, and its tag.
        let sequence: UInt64
        let tag: EntityTag
        private let held: Held

        fileprivate init(_ buffer: ByteBuffer, of snapshot: Snapshot, as format: Format, _ held: Held) {
            self.buffer = buffer
            sequence = snapshot.sequence
            tag = EntityTag(snapshot, format)
            self.held = held
            held.bytes.withLock { $0 += buffer.readableBytes }
        }

        deinit {
            held.bytes.withLock { $0 -= buffer.readableBytes }
        }

        /// The body in pieces, which share its storage.
        var pieces: some Sequence<ByteBuffer> {
            Swift.sequence(state: buffer) { rest in
                rest.readableBytes > 0 ? rest.readSlice(length: min(Self.pieceSize, rest.readableBytes)) : nil
            }
        }

        /// Bytes that a connection holds of it at a time.
        private static let pieceSize = 64 << 10
    }

    /// Bytes of all bodies that there are.
    fileprivate final class Held: Sendable {
        let bytes = Mutex(0)
    }

    /// The rendering of one snapshot, under way or done.
    private struct Rendering {
        let sequence: UInt64
        let body: Task<Body, any Error>
    }

    private let hub: SnapshotHub
    private let work: Work
    private let limit: Int
    private let held = Held()
    /// Keeps buffers that it reuses, so one rendering at a time has it.
    private let exporter: Mutex<MetricsExporter>
    private let renderings = Mutex<[Format: Rendering]>([:])

    /// Queries of one snapshot that are answered. Each may take as long as a snapshot's whole JSON, on one thread.
    private static let mostQueries = 32

    /// No room for the answer to another query.
    struct Busy: Error {}

    /// Runs a piece of work elsewhere and returns at once.
    typealias Work = @Sendable (_ piece: @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - limit: of the bytes of all bodies together, above which no new ones are made; one of each format there may
    ///     always be.
    ///   - work: where bodies are rendered.
    init(
        hub: SnapshotHub, selection: MetricSelection, resource: Resource = Resource(), limit: Int = 16 << 20,
        work: @escaping Work
    ) {
        self.hub = hub
        self.work = work
        self.limit = limit
        exporter = Mutex(MetricsExporter(selection, resource: resource))
    }

    /// nil before the first snapshot. Throws ``Busy`` where there is no room for the answer to one more query.
    func body(_ format: Format) async throws -> Body? {
        guard let snapshot = hub.latest else { return nil }
        let isFull = held.bytes.withLock { $0 } > limit
        let body = try renderings.withLock { renderings in
            if let rendering = renderings[format], rendering.sequence == snapshot.sequence || isFull {
                return rendering.body
            }
            if format.content.isQuery {
                let queries = renderings.count { $0.key.content.isQuery && $0.value.sequence == snapshot.sequence }
                guard !isFull, queries < Self.mostQueries else { throw Busy() }
            }
            let body = Task { [self] in
                try await withCheckedThrowingContinuation { continuation in
                    work {
                        continuation.resume(
                            with: Result {
                                Body(try self.render(snapshot, format), of: snapshot, as: format, self.held)
                            })
                    }
                }
            }
            // Bodies of older snapshots will not be requested again, and take megabytes.
            if !isFull { renderings = renderings.filter { $0.value.sequence == snapshot.sequence } }
            renderings[format] = Rendering(sequence: snapshot.sequence, body: body)
            return body
        }
        return try await body.value
    }

    private func render(_ snapshot: Snapshot, _ format: Format) throws -> ByteBuffer {
        let isCompressed = format.isCompressed
        return switch format.content {
        case .metrics(let text):
            exporter.withLock { exporter in
                Self.collect(isCompressed) { exporter.export(snapshot, as: text, to: $0) }
            }
        case .json: try Self.collect(isCompressed) { try snapshot.write(json: $0) }
        case .workloads(let query): try Self.collect(isCompressed) { try query.write(answerFrom: snapshot, to: $0) }
        case .status(let readiness):
            try Self.collect(isCompressed) { try StatusDocument(snapshot, readiness).write(to: $0) }
        case .event(let query): try Self.collect(isCompressed) { try StreamEvent.write(query, of: snapshot, to: $0) }
        }
    }

    /// What is compressed is never there as a whole before.
    private static func collect(_ isCompressed: Bool, _ write: (ByteSink) throws -> Void) rethrows -> ByteBuffer {
        var body = ByteBuffer()
        let packer = isCompressed ? GzipWriter { body.writeBytes($0) } : nil
        let sink = ByteSink { bytes in
            if let packer { packer.append(bytes) } else { body.writeBytes(bytes) }
        }
        try write(sink)
        sink.flush()
        packer?.finish()
        return body
    }
}
