internal import AsyncHTTPClient
internal import Compression
package import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// How a server is reached.
package struct FetchSettings: Sendable {
    /// Whose certificates are accepted.
    package enum Trust: Sendable {
        /// Those that the system's authorities signed.
        case system
        /// Those that one of these signed: PEM.
        case authorities([UInt8])
        /// Every one.
        case anyone
    }

    package var trust = Trust.system
    /// What the client proves its own identity with: certificates and private key, PEM; nil for nothing.
    package var identity: (certificates: [UInt8], key: [UInt8])?
    /// Longest wait for a connection, TLS included.
    package var connect = Duration.seconds(5)
    /// Longest wait between two pieces of an answer, and for its head.
    package var silence = Duration.seconds(10)
    /// Largest body that is unpacked, bytes; nil where compressed answers are not taken. Only of whole bodies.
    package var unpacks: Int?
    package var connections = 4

    package init() {}
}

/// The status and headers of an answer.
package struct FetchHead: Sendable {
    package let status: Int
    /// What the server says about the status: its words.
    package let reason: String
    private let headers: HTTPHeaders

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        reason = response.status.reasonPhrase
        headers = response.headers
    }

    /// The first header of this name.
    package func first(_ name: String) -> String? { headers.first(name: name) }
}

/// A client for requests whose answers are bounded in time and size, and whose errors are ``FetchFailure``.
/// Follows no redirect: that is for the caller, who knows what the credentials are for.
package struct Fetcher: Sendable {
    private let http: HTTPClient
    /// Keeps no connection: each of its requests has a fresh one.
    private let fresh: HTTPClient
    private let kept: KeptConnections
    private let settings: FetchSettings
    private let clock: any Clock<Duration>

    /// How long the other side may take to close a TLS connection in good order.
    private static let goodbye = TimeAmount.milliseconds(500)

    /// Throws ``FetchFailure`` where the authorities are none.
    package init(
        _ settings: FetchSettings, group: any EventLoopGroup, clock: any Clock<Duration> = ContinuousClock()
    ) throws(FetchFailure) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.shutdownTimeout = Self.goodbye
        switch settings.trust {
        case .system: break
        case .anyone: tls.certificateVerification = .none
        case .authorities(let bytes):
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
                throw FetchFailure(.other, "no certificate of an authority (PEM) in it")
            }
            tls.trustRoots = .certificates(certificates)
        }
        if let identity = settings.identity {
            do {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(identity.certificates)
                    .map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
            } catch {
                throw FetchFailure(.other, "no certificate with its private key (PEM) to show to the server")
            }
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(settings.connect)
        configuration.timeout.read = TimeAmount(settings.silence)
        configuration.timeout.write = TimeAmount(settings.silence)
        // The pool would try a refused connection again and again until the request times out.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connections
        http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        fresh = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        kept = KeptConnections(atMost: settings.connections)
        self.settings = settings
        self.clock = clock
    }

    /// Closes the connections.
    package func close() async {
        try? await http.shutdown()
        try? await fresh.shutdown()
    }

    /// Asks, and passes on first the head and then the body as it arrives. Throws ``FetchFailure``,
    /// `CancellationError`, and what the closures throw, which also ends the request.
    ///
    /// - Parameter content: what is sent with POST; nil for a GET.
    package func ask(
        _ url: String, content: ByteBuffer? = nil, headers: [(name: String, value: String)], limits: BodyLimits,
        isolation: isolated (any Actor)? = #isolation,
        head: (FetchHead) throws -> Void, take: (ByteBuffer) throws -> Void
    ) async throws {
        let elapsed = stopwatch(clock)
        let headLimit = min(limits.head ?? limits.total, limits.total)
        var progress = FetchProgress(connect: settings.connect, silence: settings.silence, head: headLimit)
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let content {
            request.method = .POST
            request.body = .bytes(content)
        }
        let response = try await execute(request, within: headLimit, elapsed, progress)
        progress.hasHead = true
        try head(FetchHead(response))
        let state = progress
        try await readBody(
            response.body, limits: limits, elapsed: elapsed, words: { FetchFailure($0, state) }, take: take)
    }

    /// The answer's head. Some servers close a connection after each answer without a word, so that the next request
    /// goes to one that is closed: then it is sent again, once, on a fresh one.
    private func execute(
        _ request: HTTPClientRequest, within limit: Duration, _ elapsed: () -> Duration, _ progress: FetchProgress,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> HTTPClientResponse {
        do {
            let response = try await http.execute(request, timeout: TimeAmount(limit))
            kept.add()
            return response
        } catch {
            try Task.checkCancellation()
            let failure = FetchFailure(error, progress)
            let rest = limit - elapsed()
            guard failure.code == .closed, kept.remove(), rest > .zero else { throw failure }
            var request = request
            request.headers.replaceOrAdd(name: "Connection", value: "close")
            do {
                return try await fresh.execute(request, timeout: TimeAmount(rest))
            } catch {
                try Task.checkCancellation()
                throw FetchFailure(error, progress)
            }
        }
    }

    /// The same with the whole body at once, unpacked where the settings say so.
    package func ask(
        _ url: String, content: ByteBuffer? = nil, headers: [(name: String, value: String)], limits: BodyLimits,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> (head: FetchHead, body: [UInt8]) {
        var head: FetchHead?
        var body: [UInt8] = []
        try await ask(
            url, content: content, headers: headers, limits: limits, head: { head = $0 },
            take: { body += $0.readableBytesView })
        guard let head else { throw FetchFailure(.notHTTP, "what it sends is not HTTP") }
        guard let limit = settings.unpacks else { return (head, body) }
        do {
            return (head, try unpacked(body, coding: head.first("Content-Encoding"), limit: limit))
        } catch InflateFailure.tooLarge {
            throw FetchFailure(.tooLarge, "its compressed answer unpacks to too much")
        } catch InflateFailure.unknownCoding {
            throw FetchFailure(.notHTTP, "its answer is compressed in a way that it was not asked for")
        } catch {
            throw FetchFailure(.notHTTP, "its compressed answer is damaged")
        }
    }
}
