import Compression
import Engine
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

@testable import Agent

/// The HTTP interface without sockets, and with a clock that is set by hand.
@Suite struct RoutesTests {
    private struct Server {
        let hub: SnapshotHub
        let hands: ManualInstant
        let client: any TestClientProtocol

        func get(_ path: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:]) async throws
            -> TestResponse
        {
            try await client.execute(uri: path, method: method, headers: headers)
        }
    }

    /// - Parameter work: where bodies are rendered; at once unless a test says otherwise.
    private func serve(
        rendering work: @escaping SnapshotBodies.Work = { $0() },
        _ test: @Sendable @escaping (Server) async throws -> Void
    ) async throws {
        let hands = ManualInstant()
        let hub = SnapshotHub(interval: .seconds(1)) { hands.now }
        let bodies = SnapshotBodies(hub: hub, selection: MetricSelection(), work: work)
        let application = Application(router: Routes(hub: hub, bodies: bodies).router())
        try await application.test(.router) { client in
            try await test(Server(hub: hub, hands: hands, client: client))
        }
    }

    @Test func beforeTheFirstSnapshotReadersAreAskedToRetry() async throws {
        try await serve { server in
            for path in ["/metrics", "/api/v1/snapshot", "/api/v1/workloads", "/api/v1/status", "/readyz"] {
                let answer = try await server.get(path)
                #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "1", "\(path)")
                let isProgram = path.hasPrefix("/api/")
                #expect(
                    answer.headers[.contentType] == (isProgram ? Problem.mediaType : "text/plain; charset=utf-8"))
                let words = "not ready: the first sample is not complete yet"
                #expect(
                    isProgram
                        ? String(buffer: answer.body).contains(words) : String(buffer: answer.body) == words + "\n")
            }
            let health = try await server.get("/healthz").status
            #expect(health == .ok)
        }
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8"), ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ("/api/v1/snapshot", "application/json"), ("/api/v1/workloads", "application/json"),
        ("/api/v1/status", "application/json"), ("/api/v1/openapi.json", "application/json"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/readyz", "text/plain; charset=utf-8"),
    ])
    func everyRouteAnswers(_ path: String, _ type: String) async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            let answer = try await server.get(path)
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == type)
            #expect(answer.headers[.cacheControl] == (answer.headers[.eTag] == nil ? "no-store" : "no-cache"))
            #expect(answer.body.readableBytes > 0)
            let head = try await server.get(path, .head)
            #expect(head.status == .ok && head.headers[.contentType] == type)
            #expect(head.headers[.contentLength] == "\(answer.body.readableBytes)")
            #expect(head.body.readableBytes == 0)
        }
    }

    @Test func theBodiesAreTheSnapshot() async throws {
        try await serve { server in
            let snapshot = fullSnapshot()
            server.hub.publish(snapshot)
            let metrics = try await server.get("/metrics").body
            #expect(Array(buffer: metrics) == snapshot.exposition())
            let json = try await server.get("/api/v1/snapshot").body
            let read = try Snapshot(json: Array(buffer: json))
            #expect(read == snapshot)
            let asked = try await server.get(
                "/metrics", headers: [.accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"])
            #expect(asked.headers[.contentType] == TextFormat.openMetrics.contentType)
            #expect(Array(buffer: asked.body) == snapshot.exposition(as: .openMetrics))
            let packed = try await server.get("/metrics", headers: [.acceptEncoding: "gzip"])
            #expect(packed.headers[.contentEncoding] == "gzip" && packed.headers[.vary] == "Accept, Accept-Encoding")
            #expect(try unpacked(Array(buffer: packed.body), coding: "gzip", limit: 1 << 20) == Array(buffer: metrics))
            var next = snapshot
            next.sequence += 1
            server.hub.publish(next)
            let later = try await server.get("/metrics").body
            #expect(String(buffer: later).contains("energyd_agent_ticks_total 43\n"))
        }
    }

    @Test(arguments: ["/nothing", "/metrics/", "/api/v1", "/api/v2/snapshot", "/..%2fetc/passwd"])
    func whatIsNotThereIsNotFound(_ path: String) async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            let status = try await server.get(path).status
            #expect(status == (path == "/metrics/" ? .ok : .notFound))
        }
    }

    @Test(arguments: ["/api/v1/workloads", "/api/v1/snapshot", "/api/v1/status", "/metrics"])
    func whatAClientHasIsNotSentAgain(_ path: String) async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            let first = try await server.get(path)
            let tag = try #require(first.headers[.eTag])
            for condition in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = try await server.get(path, headers: [.ifNoneMatch: condition])
                #expect(again.status == .notModified && again.body.readableBytes == 0, "\(condition)")
                #expect(again.headers[.eTag] == tag && again.headers[.vary] == first.headers[.vary])
            }
            // Another form of the same is another thing.
            let packed = try await server.get(path, headers: [.ifNoneMatch: tag, .acceptEncoding: "gzip"])
            #expect(packed.status == .ok && packed.headers[.eTag] != tag)
            var next = fullSnapshot()
            next.sequence += 1
            server.hub.publish(next)
            let later = try await server.get(path, headers: [.ifNoneMatch: tag])
            #expect(later.status == .ok && later.headers[.eTag] != tag)
            // Of the next run of the agent, which counts its snapshots anew.
            var other = fullSnapshot()
            other.unixTime += 60
            server.hub.publish(other)
            let restarted = try await server.get(path, headers: [.ifNoneMatch: tag])
            #expect(restarted.status == .ok && restarted.headers[.eTag] != tag)
        }
    }

    @Test func aDescriptionThatCannotBeMadeIsAnError() async throws {
        let hub = SnapshotHub(interval: .seconds(1))
        let bodies = SnapshotBodies(hub: hub, selection: MetricSelection()) { $0() }
        let routes = Routes(hub: hub, bodies: bodies, description: { throw Failure("no schema of Snapshot") })
        try await Application(router: routes.router()).test(.router) { client in
            let answer = try await client.execute(uri: "/api/v1/openapi.json", method: .get)
            #expect(answer.status == .internalServerError && answer.headers[.contentType] == Problem.mediaType)
            let words = String(buffer: answer.body)
            #expect(words.contains("no schema of Snapshot") && words.contains("report it"))
        }
    }

    @Test func aWrongQueryIsExplained() async throws {
        struct Words: Decodable {
            let title: String, status: Int, detail: String, parameter: String, cause: String, remedy: String
        }
        try await serve { server in
            server.hub.publish(fullSnapshot())
            for path in ["/api/v1/workloads", "/api/v1/stream"] {
                let answer = try await server.get(path + "?limit=many")
                #expect(answer.status == .badRequest && answer.headers[.contentType] == Problem.mediaType)
                let words = try JSONDecoder().decode(Words.self, from: Data(Array(buffer: answer.body)))
                #expect(words.status == 400 && words.parameter == "limit" && words.cause.contains("many"))
                #expect(words.detail == "limit: \(words.cause); \(words.remedy)" && words.title == "Bad Request")
            }
        }
    }

    /// Each costs a walk over all workloads, on one thread.
    @Test func thereIsRoomForSomeQueriesOfASnapshot() async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            var answers: [HTTPResponse.Status] = []
            for limit in 1...40 { answers.append(try await server.get("/api/v1/workloads?limit=\(limit)").status) }
            #expect(answers.count { $0 == .ok } == 32 && answers.last == .tooManyRequests)
            // Those that are there already are answered, and with the next snapshot others.
            let known = try await server.get("/api/v1/workloads?limit=1").status
            #expect(known == .ok)
            var next = fullSnapshot()
            next.sequence += 1
            server.hub.publish(next)
            let other = try await server.get("/api/v1/workloads?limit=40").status
            #expect(other == .ok)
        }
    }

    @Test func aClientThatExcludesJSONIsRefused() async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            for (accept, status) in [
                ("text/html", HTTPResponse.Status.notAcceptable), ("application/json;q=0, */*", .notAcceptable),
                ("application/*", .ok), ("*/*;q=0.1", .ok), ("text/html, application/json;q=0.5", .ok), ("", .ok),
            ] {
                let answer = try await server.get("/api/v1/snapshot", headers: [.accept: accept])
                #expect(answer.status == status, "\(accept)")
            }
            let metrics = try await server.get("/metrics", headers: [.accept: "image/png"]).status
            #expect(metrics == .ok)
            let stream = try await server.get("/api/v1/stream", headers: [.accept: "application/json"]).status
            #expect(stream == .notAcceptable)
        }
    }

    @Test func theStatusSaysWhatTheProbesSay() async throws {
        struct Words: Decodable { let status: String, isReady: Bool, isAlive: Bool, checks: [Entry] }
        struct Entry: Decodable { let area: String, name: String, status: String }
        try await serve { server in
            server.hub.publish(fullSnapshot())
            func status() async throws -> Words {
                let answer = try await server.get("/api/v1/status")
                return try JSONDecoder().decode(Words.self, from: Data(Array(buffer: answer.body)))
            }
            let fresh = try await status()
            #expect(fresh.isReady && fresh.isAlive && fresh.checks.contains { $0.area == "accounting" })
            server.hands.advance(6)
            let stale = try await status()
            #expect(!stale.isReady && stale.isAlive && stale.status == "fail")
            #expect(stale.checks.contains { $0.name == "samples" && $0.status == "fail" })
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete])
    func nothingCanBeChanged(_ method: HTTPRequest.Method) async throws {
        try await serve { server in
            server.hub.publish(fullSnapshot())
            let status = try await server.get("/metrics", method).status
            #expect(status == .methodNotAllowed)
        }
    }

    /// A large node's bodies take many milliseconds, and one thread answers every request.
    @Test(.timeLimit(.minutes(1)), arguments: ["/metrics", "/api/v1/snapshot"])
    func probesDoNotWaitForARendering(_ path: String) async throws {
        let (pieces, waiting) = AsyncStream.makeStream(of: (@Sendable () -> Void).self)
        try await serve(rendering: { waiting.yield($0) }) { server in
            server.hub.publish(fullSnapshot())
            async let first = server.get(path)
            async let second = server.get(path)
            var iterator = pieces.makeAsyncIterator()
            let render = try #require(await iterator.next())
            let health = try await server.get("/healthz").status
            #expect(health == .ok)
            render()
            let answers = try await [first, second]
            #expect(answers.allSatisfy { $0.status == .ok && $0.body.readableBytes > 0 })
            // Rendered once for both.
            waiting.finish()
            #expect(await iterator.next() == nil)
        }
    }

    @Test func probesFollowTheTicks() async throws {
        try await serve { server in
            func expect(_ expected: [HTTPResponse.Status]) async throws {
                let states = [try await server.get("/readyz").status, try await server.get("/healthz").status]
                #expect(states == expected)
            }
            server.hub.publish(fullSnapshot())
            try await expect([.ok, .ok])
            server.hands.advance(6)
            try await expect([.serviceUnavailable, .ok])
            let words = try await server.get("/readyz").body
            #expect(String(buffer: words) == "not ready: the last sample is too old\n")
            // What was measured last is still served.
            let metrics = try await server.get("/metrics").status
            #expect(metrics == .ok)
            server.hands.advance(55)
            try await expect([.serviceUnavailable, .serviceUnavailable])
            server.hub.publish(fullSnapshot())
            try await expect([.ok, .ok])
        }
    }
}
