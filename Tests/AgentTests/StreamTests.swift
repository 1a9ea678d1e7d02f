import Engine
import Hummingbird
import NIOCore
import Querying
import Snapshot
import SnapshotSamples
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Agent

/// `/api/v1/stream` without sockets: what is written, piece by piece.
@Suite struct StreamTests {
    private struct Reader: ResponseBodyWriter {
        let pieces: AsyncStream<String>.Continuation

        mutating func write(_ buffer: ByteBuffer) async throws { pieces.yield(String(buffer: buffer)) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws { pieces.finish() }
    }

    private struct Pieces {
        let stream: AsyncStream<String>

        @concurrent func next() async -> String? {
            for await piece in stream { return piece }
            return nil
        }
    }

    private let hub = SnapshotHub(interval: .seconds(1))
    private let feed = StreamFeed(limit: 2)
    private let time = ManualInstant()

    private var bodies: SnapshotBodies {
        SnapshotBodies(hub: hub, selection: MetricSelection()) { $0() }
    }

    private func snapshot(_ sequence: UInt64) -> Snapshot {
        var snapshot = fullSnapshot()
        snapshot.sequence = sequence
        return snapshot
    }

    private func publish(_ sequence: UInt64) async {
        hub.publish(snapshot(sequence))
        await feed.wake {}
    }

    /// Runs a stream while `test` looks at what it sends.
    private func stream(
        _ query: WorkloadQuery? = nil, for permission: StreamFeed.Permission = StreamFeed.Permission(),
        _ test: (Pieces) async throws -> Void
    ) async throws {
        let route = StreamRoute(hub: hub, bodies: bodies, feed: feed) { [time] in time.now }
        let answer = route.answer(query, to: "/api/v1/stream", for: permission)
        #expect(answer.status == .ok && answer.headers[.contentType] == "text/event-stream")
        let (pieces, continuation) = AsyncStream.makeStream(of: String.self)
        async let sent: Void = answer.body.write(Reader(pieces: continuation))
        try await test(Pieces(stream: pieces))
        feed.finish()
        for await _ in pieces {}
        try await sent
    }

    @Test(.timeLimit(.minutes(1))) func everySnapshotIsAMessage() async throws {
        await publish(41)
        try await stream { pieces in
            let piece1 = await pieces.next()
            #expect(piece1 == "retry: 3000\n\n")
            let first = await pieces.next() ?? ""
            #expect(first.hasPrefix("event: snapshot\nid: 41\ndata: {") && first.hasSuffix("}\n\n"))
            let data = first.split(separator: "\n")[2].dropFirst("data: ".count)
            let read = try Snapshot(json: Array(data.utf8))
            #expect(read == snapshot(41))
            await publish(42)
            let piece2 = await pieces.next()
            #expect(piece2?.hasPrefix("event: snapshot\nid: 42\n") == true)
            // Woken without a new one.
            await feed.wake {}
            let piece3 = await pieces.next()
            #expect(piece3 == ":\n\n")
        }
    }

    @Test(.timeLimit(.minutes(1))) func aReaderThatMissedSomeIsSentTheirNumber() async throws {
        await publish(41)
        try await stream { pieces in
            _ = await pieces.next()
            _ = await pieces.next()
            hub.publish(snapshot(42))
            hub.publish(snapshot(43))
            await publish(44)
            let piece4 = await pieces.next()
            #expect(piece4 == "event: skipped\ndata: {\"count\":2}\n\n")
            let piece5 = await pieces.next()
            #expect(piece5?.hasPrefix("event: snapshot\nid: 44\n") == true)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aQueryMakesItSmaller() async throws {
        await publish(41)
        try await stream(try WorkloadQuery(QueryString("level=pod&fields=id"))) { pieces in
            _ = await pieces.next()
            let first = await pieces.next() ?? ""
            #expect(first.hasPrefix("event: workloads\nid: 41\ndata: {\"schemaVersion\""))
            #expect(first.count { $0 == "\n" } == 4)
        }
    }

    @Test func thereIsABoundedNumberOfThem() throws {
        let route = StreamRoute(hub: hub, bodies: bodies, feed: feed)
        var open = [try feed.enter(), try feed.enter()]
        #expect(feed.count == 2)
        let refused = route.answer(nil, to: "/api/v1/stream")
        #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "10")
        // The place of one that ended is free.
        open.removeLast()
        #expect(feed.count == 1)
        #expect(route.answer(nil, to: "/api/v1/stream").status == .ok)
        // An answer that is never sent, as to HEAD, gives its place back.
        #expect(feed.count == 1)
        feed.finish()
        #expect(route.answer(nil, to: "/api/v1/stream").status == .serviceUnavailable)
        withExtendedLifetime(open) {}
    }

    /// Who may read has changed: those who still may connect again.
    @Test(.timeLimit(.minutes(1))) func allStreamsCanBeEndedAtOnce() async throws {
        await publish(41)
        try await stream { pieces in
            _ = await pieces.next()
            _ = await pieces.next()
            feed.endAll()
            let last = await pieces.next()
            #expect(last == nil)
            #expect(throws: Never.self) { _ = try feed.enter() }
        }
    }

    /// A request that was accepted by rules that no longer hold, and begins its stream only now.
    @Test func noStreamBeginsByOldRules() throws {
        let permission = StreamFeed.Permission(epoch: feed.epoch)
        #expect(throws: Never.self) { _ = try feed.enter(for: permission) }
        feed.endAll()
        #expect(throws: StreamFeed.Refusal.permission) { _ = try feed.enter(for: permission) }
        let route = StreamRoute(hub: hub, bodies: bodies, feed: feed)
        let refused = route.answer(nil, to: "/api/v1/stream", for: permission)
        #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
    }

    /// A wake that it has not taken is of no use to it any more.
    @Test(.timeLimit(.minutes(1))) func aReaderWhoMayNoLongerReadGetsNothing() async throws {
        await publish(41)
        let answer = StreamRoute(hub: hub, bodies: bodies, feed: feed).answer(nil, to: "/api/v1/stream")
        feed.endAll()
        let (pieces, continuation) = AsyncStream.makeStream(of: String.self)
        try await answer.body.write(Reader(pieces: continuation))
        let sent = await pieces.reduce(into: []) { $0.append($1) }
        #expect(sent == ["retry: 3000\n\n"])
    }

    /// As that of a token that Kubernetes must be asked about again.
    @Test(.timeLimit(.minutes(1))) func aStreamEndsWithItsPermission() async throws {
        await publish(41)
        try await stream(for: StreamFeed.Permission(end: time.now + .seconds(120))) { pieces in
            _ = await pieces.next()
            _ = await pieces.next()
            time.advance(119)
            await publish(42)
            let late = await pieces.next()
            #expect(late?.hasPrefix("event: snapshot\nid: 42\n") == true)
            time.advance(1)
            await publish(43)
            let last = await pieces.next()
            #expect(last == nil)
        }
    }

    @Test func thereIsABoundedNumberOfQueries() throws {
        func query(_ limit: Int) -> WorkloadQuery {
            var query = WorkloadQuery()
            query.limit = limit
            return query
        }
        let feed = StreamFeed()
        let route = StreamRoute(hub: hub, bodies: bodies, feed: feed)
        var places = try (1...StreamFeed.mostQueries).map { try feed.enter(query($0)) }
        let refused = route.answer(query(100), to: "/api/v1/stream")
        #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "10")
        // The same ones, and whole snapshots, may be read by more.
        places.append(try feed.enter(query(1)))
        places.append(try feed.enter())
        // Another feed has its own.
        #expect(throws: Never.self) { _ = try StreamFeed().enter(query(100)) }
        // The place is free when the last reader of a query is gone.
        places.remove(at: 0)
        #expect(throws: StreamFeed.Refusal.queries) { _ = try feed.enter(query(100)) }
        places.remove(at: 0)
        #expect(throws: Never.self) { _ = try feed.enter(query(100)) }
        withExtendedLifetime(places) {}
    }

    /// One thread writes to all of them, and answers probes.
    @Test func manyReadersAreWokenInGroups() async {
        let feed = StreamFeed(limit: 60)
        let places = (0..<60).compactMap { _ in try? feed.enter() }
        var pauses = 0
        await feed.wake { pauses += 1 }
        #expect(places.count == 60 && pauses == 2)
    }
}
