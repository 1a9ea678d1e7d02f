internal import Engine
internal import Hummingbird
internal import NIOCore
internal import Querying
internal import Snapshot

/// `/api/v1/stream`: a message with every tick, for any number of readers from the same bytes.
struct StreamRoute: Sendable {
    let hub: SnapshotHub
    let bodies: SnapshotBodies
    let feed: StreamFeed
    /// The clock that permissions end by.
    var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }

    /// - Parameters:
    ///   - query: of workloads; nil for whole snapshots.
    ///   - permission: with which the stream ends.
    func answer(
        _ query: WorkloadQuery?, to path: String, for permission: StreamFeed.Permission = StreamFeed.Permission()
    ) -> Response {
        let place: StreamFeed.Place
        do throws(StreamFeed.Refusal) {
            place = try feed.enter(query, for: permission)
        } catch {
            return Self.refusal(error, path)
        }
        // Proxies such as nginx would wait for more of it.
        let headers: HTTPFields = [.contentType: MediaType.events, .cacheControl: "no-store", .accelBuffering: "no"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await write(query, place, to: &writer)
                try await writer.finish(nil)
            })
    }

    private static func refusal(_ refusal: StreamFeed.Refusal, _ path: String) -> Response {
        switch refusal {
        case .readers:
            Problem(
                .serviceUnavailable, cause: "there is no room for another stream, or the agent is about to stop",
                remedy: "try again later, or read /api/v1/snapshot"
            ).responseWithRetry(to: path, after: 10)
        case .queries:
            Problem(
                .serviceUnavailable, cause: "\(StreamFeed.mostQueries) different queries are streamed already",
                remedy: "try again later, stream whole snapshots, or ask /api/v1/workloads again and again"
            ).responseWithRetry(to: path, after: 10)
        case .permission:
            Problem(
                .serviceUnavailable, cause: "who may read has just changed", remedy: "try again"
            ).responseWithRetry(to: path)
        }
    }

    @concurrent private func write(
        _ query: WorkloadQuery?, _ place: StreamFeed.Place, to writer: inout any ResponseBodyWriter
    ) async throws {
        try await writer.write(StreamEvent.start)
        var last: UInt64?
        for await _ in place.wakes {
            guard place.isPermitted(at: now()) else { return }
            guard let latest = hub.latest, latest.sequence != last, let body = try await body(query),
                body.sequence != last
            else {
                try await writer.write(StreamEvent.heartbeat)
                continue
            }
            // After a restart of the engine the numbers begin anew.
            if let last, body.sequence > last + 1 {
                try await writer.write(StreamEvent.skipped(body.sequence - last - 1))
            }
            last = body.sequence
            for piece in body.pieces { try await writer.write(piece) }
        }
    }

    /// nil where there is none, or no room for this one: then the reader misses a snapshot, and learns it with the next.
    private func body(_ query: WorkloadQuery?) async throws -> SnapshotBodies.Body? {
        do {
            return try await bodies.body(.init(content: .event(query)))
        } catch is SnapshotBodies.Busy {
            return nil
        }
    }
}

private typealias FieldName = HTTPFields.Element.Name

extension FieldName {
    fileprivate static var accelBuffering: FieldName { FieldName("X-Accel-Buffering")! }
}
