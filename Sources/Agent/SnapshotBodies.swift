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
/// Renderings wait in a ``RenderingLine``. Each shows the snapshot that is the latest when its turn comes, so nothing is
/// rendered that is outdated.
///
/// A slow reader keeps the body that it reads, and sixty of them could keep as many. So once such bodies take more than the
/// limit together, a reader gets the last body that was made, and new ones wait until old ones are gone. Queries, of which
/// there is any number, are then refused, at half the limit.
final class SnapshotBodies: Sendable {
    /// A body that is there as long as a client reads it, or it is the last of its format.
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

    /// Why there is no answer to one more query.
    enum Busy: Error {
        /// The latest snapshot was asked as many different ones as it may.
        case snapshot
        /// As many wait, or those that are read fill their memory.
        case agent
    }

    private struct State {
        /// The last of each format.
        var bodies: [Format: Body] = [:]
        var line = RenderingLine<Body>()
        var refused: UInt64 = 0
    }

    /// Runs a piece of work elsewhere and returns at once.
    typealias Work = @Sendable (_ piece: @escaping @Sendable () -> Void) -> Void

    /// Different queries of one snapshot. Each may take as long as a snapshot's whole JSON, on one thread.
    static let mostQueries = 32
    /// Different queries that wait for their answers, over all snapshots.
    static let mostWaitingQueries = 16

    private let hub: SnapshotHub
    private let work: Work
    private let limit: Int
    private let held = Held()
    /// Keeps buffers that it reuses. Locked by the rendering under way, of which there is one at a time.
    private let exporter: Mutex<MetricsExporter>
    private let state = Mutex(State())

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

    /// Queries that were not answered for want of room, since the start.
    var refused: UInt64 { state.withLock(\.refused) }
    /// Bytes of all bodies that there are.
    var heldBytes: Int { held.bytes.withLock { $0 } }

    /// nil before the first snapshot. Throws ``Busy`` where there is no room for the answer to one more query.
    ///
    /// - Parameter hasLeft: whether the client is gone; queries without a client left are not answered, and throw
    ///   a `CancellationError`.
    func body(_ format: Format, hasLeft: @escaping @Sendable () -> Bool = { false }) async throws -> Body? {
        guard let latest = hub.latest?.sequence else { return nil }
        return try await withCheckedThrowingContinuation { continuation in
            let reader = RenderingLine<Body>.Reader(continuation: continuation, hasLeft: hasLeft)
            do throws(Busy) {
                // Dropped bodies end under the lock: a later measurement does not count them.
                let (body, isNew) = try state.withLock { state throws(Busy) in
                    try enter(format, reader, latest, &state)
                }
                if let body { continuation.resume(returning: body) }
                if isNew { work { self.renderNext() } }
            } catch {
                state.withLock { $0.refused += 1 }
                continuation.resume(throwing: error)
            }
        }
    }

    /// Returns what the reader gets at once, or adds it to those who wait, and says whether for one more rendering.
    private func enter(
        _ format: Format, _ reader: RenderingLine<Body>.Reader, _ latest: UInt64, _ state: inout State
    ) throws(Busy) -> (body: Body?, isNew: Bool) {
        if let body = state.bodies[format], body.sequence == latest { return (body, false) }
        if state.line.join(format, at: latest, reader) { return (nil, false) }
        let isFull = dropOutdated(latest, &state)
        if format.content.isQuery {
            guard !isFull.forQueries else { throw .agent }
            if format.content.isOneOff {
                let waiting = state.line.count(where: \.content.isOneOff)
                guard waiting < Self.mostWaitingQueries else { throw .agent }
                let answered = state.bodies.keys.count(where: \.content.isOneOff)
                guard answered + waiting < Self.mostQueries else { throw .snapshot }
            }
        } else if isFull.forAll, let body = state.bodies[format] {
            return (body, false)
        }
        state.line.add(format, reader)
        return (nil, true)
    }

    /// Bodies of older snapshots will not be requested again, and take megabytes. Where slow readers hold too much, the
    /// last one of each format that is not a query is kept, to be read again.
    private func dropOutdated(_ latest: UInt64, _ state: inout State) -> (forAll: Bool, forQueries: Bool) {
        state.bodies = state.bodies.filter { $0.value.sequence == latest || !$0.key.content.isQuery }
        // One of each format there may always be: or those kept here could fill the memory for good.
        let kept = state.bodies.reduce(0) { $0 + ($1.key.content.isQuery ? 0 : $1.value.buffer.readableBytes) }
        let counted = heldBytes - kept
        if counted <= limit { state.bodies = state.bodies.filter { $0.value.sequence == latest } }
        return (counted > limit, counted > limit / 2)
    }

    /// Renders what is next in the line, if anything is left of it.
    private func renderNext() {
        exporter.withLock { exporter in
            guard let snapshot = hub.latest else { return }
            let (next, left) = state.withLock { $0.line.begin(at: snapshot.sequence) }
            for reader in left { reader.continuation.resume(throwing: CancellationError()) }
            guard let next else { return }
            let result = Result {
                // What was rendered since the readers came counts too.
                if next.content.isQuery, state.withLock({ dropOutdated(snapshot.sequence, &$0).forQueries }) {
                    throw Busy.agent
                }
                return Body(try Self.render(snapshot, next, &exporter), of: snapshot, as: next, held)
            }
            let readers = state.withLock { state in
                let readers = state.line.end()
                switch result {
                case .success(let body): state.bodies[next] = body
                case .failure(let error): if error is Busy { state.refused += UInt64(readers.count) }
                }
                return readers
            }
            for reader in readers { reader.continuation.resume(with: result) }
        }
    }

    private static func render(
        _ snapshot: Snapshot, _ format: Format, _ exporter: inout MetricsExporter
    ) throws -> ByteBuffer {
        let isCompressed = format.isCompressed
        return switch format.content {
        case .metrics(let text): collect(isCompressed) { exporter.export(snapshot, as: text, to: $0) }
        case .json: try collect(isCompressed) { try snapshot.write(json: $0) }
        case .workloads(let query): try collect(isCompressed) { try query.write(answerFrom: snapshot, to: $0) }
        case .status(let readiness):
            try collect(isCompressed) { try StatusDocument(snapshot, readiness).write(to: $0) }
        case .event(let query): try collect(isCompressed) { try StreamEvent.write(query, of: snapshot, to: $0) }
        }
    }

    /// What is compressed is never there as a whole before.
    static func collect(_ isCompressed: Bool, _ write: (ByteSink) throws -> Void) rethrows -> ByteBuffer {
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
