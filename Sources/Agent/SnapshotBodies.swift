internal import Compression
internal import Engine
internal import Formatting
internal import NIOCore
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// The bodies of `/metrics` and `/api/v1/snapshot`: each made once per snapshot, when the first reader asks for it, on
/// a thread of its own. Requests that arrive meanwhile wait for the same rendering and share the result.
///
/// A slow reader keeps the body that it reads, and sixty of them could keep as many. So once bodies take more than the limit
/// together, a reader gets the last body that was made, and new ones wait until old ones are gone.
final class SnapshotBodies: Sendable {
    /// What a body can look like.
    struct Format: Hashable, Sendable {
        enum Content: Hashable, Sendable {
            case metrics(TextFormat)
            case json
        }

        var content: Content
        /// Compressed with gzip.
        var isCompressed = false
    }

    /// A body that is there as long as somebody reads it, or it is the last of its format.
    final class Body: Sendable {
        let buffer: ByteBuffer
        private let held: Held

        fileprivate init(_ buffer: ByteBuffer, _ held: Held) {
            self.buffer = buffer
            self.held = held
            held.bytes.withLock { $0 += buffer.readableBytes }
        }

        deinit {
            held.bytes.withLock { $0 -= buffer.readableBytes }
        }

        /// The body in pieces, which share its storage.
        var pieces: some Sequence<ByteBuffer> {
            sequence(state: buffer) { rest in
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

    /// nil before the first snapshot.
    func body(_ format: Format) async throws -> Body? {
        guard let snapshot = hub.latest else { return nil }
        let isFull = held.bytes.withLock { $0 } > limit
        let body = renderings.withLock { renderings in
            if let rendering = renderings[format], rendering.sequence == snapshot.sequence || isFull {
                return rendering.body
            }
            let body = Task { [self] in
                try await withCheckedThrowingContinuation { continuation in
                    work { continuation.resume(with: Result { Body(try self.render(snapshot, format), self.held) }) }
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
        switch format.content {
        case .metrics(let text):
            exporter.withLock { exporter in
                Self.collect(format.isCompressed) { exporter.export(snapshot, as: text, to: $0) }
            }
        case .json: try Self.collect(format.isCompressed) { try snapshot.write(json: $0) }
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
