internal import Engine
internal import Formatting
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import Snapshot
internal import Telemetry

/// The bodies of `/metrics` and `/api/v1/snapshot`: each made once per snapshot, when the first reader asks for it, on
/// a thread of its own. All who ask meanwhile wait for the same rendering, and share one copy of the result.
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
    private let threads: NIOThreadPool
    private let exporter: SharedExporter
    private let renderings = NIOLockedValueBox<[Format: Rendering]>([:])

    /// - Parameter threads: where bodies are rendered; it must have been started.
    init(hub: SnapshotHub, selection: MetricSelection, threads: NIOThreadPool) {
        self.hub = hub
        self.threads = threads
        exporter = SharedExporter(selection)
    }

    /// nil before the first snapshot.
    func body(_ format: Format) async throws -> ByteBuffer? {
        guard let snapshot = hub.latest else { return nil }
        let body = renderings.withLockedValue { renderings in
            if let rendering = renderings[format], rendering.sequence == snapshot.sequence { return rendering.body }
            let body = Task { [threads, exporter] in
                try await threads.runIfActive { try Self.render(snapshot, format, exporter) }
            }
            renderings[format] = Rendering(sequence: snapshot.sequence, body: body)
            return body
        }
        return try await body.value
    }

    private static func render(
        _ snapshot: Snapshot, _ format: Format, _ exporter: SharedExporter
    ) throws -> ByteBuffer {
        var body = ByteBuffer()
        let sink = ByteSink { body.writeBytes($0) }
        switch format {
        case .metrics(let text): exporter.export(snapshot, as: text, to: sink)
        case .json: try snapshot.write(json: sink)
        }
        sink.flush()
        return body
    }
}

/// The exporter of all renderings.
///
/// Unchecked because `MetricsExporter` keeps buffers that it reuses and is not Sendable: it is private here and used only
/// with the lock held.
private final class SharedExporter: @unchecked Sendable {
    private let lock = NIOLock()
    private let exporter: MetricsExporter

    init(_ selection: MetricSelection) {
        exporter = MetricsExporter(selection)
    }

    func export(_ snapshot: Snapshot, as format: TextFormat, to sink: ByteSink) {
        lock.withLock { exporter.export(snapshot, as: format, to: sink) }
    }
}
