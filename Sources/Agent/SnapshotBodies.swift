internal import Engine
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Snapshot
internal import Telemetry

/// The bodies of `/metrics` and `/api/v1/snapshot`, made once per snapshot and shared by everybody who asks: a thousand
/// readers, however slow, hold one copy.
final class SnapshotBodies: Sendable {
    private struct Rendered {
        var sequence: UInt64
        var body: ByteBuffer
    }

    private let store: SnapshotStore
    private let selection: MetricSelection
    private let metricsBody = NIOLockedValueBox<Rendered?>(nil)
    private let jsonBody = NIOLockedValueBox<Rendered?>(nil)

    init(store: SnapshotStore, selection: MetricSelection) {
        self.store = store
        self.selection = selection
    }

    /// nil before the first snapshot.
    func metrics() -> ByteBuffer? {
        render(into: metricsBody) { PrometheusText.render($0.metrics(selection)) }
    }

    /// nil before the first snapshot.
    func json() throws -> ByteBuffer? {
        try render(into: jsonBody) { try $0.json() }
    }

    private func render(
        into cache: NIOLockedValueBox<Rendered?>, _ make: (Snapshot) throws -> [UInt8]
    ) rethrows -> ByteBuffer? {
        guard let snapshot = store.latest else { return nil }
        return try cache.withLockedValue { cached in
            if let cached, cached.sequence == snapshot.sequence { return cached.body }
            let body = ByteBuffer(bytes: try make(snapshot))
            cached = Rendered(sequence: snapshot.sequence, body: body)
            return body
        }
    }
}
