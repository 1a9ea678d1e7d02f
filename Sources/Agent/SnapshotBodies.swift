internal import Engine
internal import Formatting
internal import NIOCore
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// The bodies of `/metrics` and `/api/v1/snapshot`: each made once per snapshot, when the first reader asks for it, on
/// a thread of its own. Requests that arrive meanwhile wait for the same rendering and share the result.
final class SnapshotBodies: Sendable {
    /// What a body can look like.
    enum Format: Hashable, Sendable {
        case metrics(TextFormat)
        case json
    }

    /// The rendering of one snapshot, under way or done.
    private struct Rendering {
        let sequence: UInt64
        let body: Task<ByteBuffer, any Error>
    }

    private let hub: SnapshotHub
    private let work: Work
    /// Keeps buffers that it reuses, so one rendering at a time has it.
    private let exporter: Mutex<MetricsExporter>
    private let renderings = Mutex<[Format: Rendering]>([:])

    /// Runs a piece of work elsewhere and returns at once.
    typealias Work = @Sendable (_ piece: @escaping @Sendable () -> Void) -> Void

    /// - Parameter work: where bodies are rendered.
    init(hub: SnapshotHub, selection: MetricSelection, work: @escaping Work) {
        self.hub = hub
        self.work = work
        exporter = Mutex(MetricsExporter(selection))
    }

    /// nil before the first snapshot.
    func body(_ format: Format) async throws -> ByteBuffer? {
        guard let snapshot = hub.latest else { return nil }
        let body = renderings.withLock { renderings in
            if let rendering = renderings[format], rendering.sequence == snapshot.sequence { return rendering.body }
            let body = Task { [self] in
                try await withCheckedThrowingContinuation { continuation in
                    work { continuation.resume(with: Result { try self.render(snapshot, format) }) }
                }
            }
            // Bodies of older snapshots will not be requested again, and take megabytes.
            renderings = renderings.filter { $0.value.sequence == snapshot.sequence }
            renderings[format] = Rendering(sequence: snapshot.sequence, body: body)
            return body
        }
        return try await body.value
    }

    private func render(_ snapshot: Snapshot, _ format: Format) throws -> ByteBuffer {
        switch format {
        case .metrics(let text):
            exporter.withLock { exporter in Self.collect { exporter.export(snapshot, as: text, to: $0) } }
        case .json: try Self.collect { try snapshot.write(json: $0) }
        }
    }

    private static func collect(_ write: (ByteSink) throws -> Void) rethrows -> ByteBuffer {
        var body = ByteBuffer()
        let sink = ByteSink { body.writeBytes($0) }
        try write(sink)
        sink.flush()
        return body
    }
}
