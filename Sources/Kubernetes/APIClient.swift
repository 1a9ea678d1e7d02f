internal import Fetching
internal import Linux
internal import NIOCore

/// Requests to an API server or kubelet, with its certificate verified and the current token.
struct APIClient {
    /// How long a request may take, and how long nothing may come.
    struct Patience {
        /// Until the head of the answer, which both servers send at once.
        var head = Duration.seconds(20)
        var total: Duration
        /// Largest answer, bytes: nothing but single objects is kept of it.
        var bytes: Int
    }

    private let configuration: KubernetesConfiguration
    private let fetcher: Fetcher

    /// Reads the certificate authority; throws where there is none, because no other authority is trusted.
    ///
    /// - Parameter silence: how long nothing may come in the middle of an answer.
    init(_ configuration: KubernetesConfiguration, silence: Duration, group: any EventLoopGroup) throws {
        var settings = FetchSettings()
        settings.connect = .seconds(10)
        settings.silence = silence
        do {
            settings.trust = .authorities(withoutByteOrderMark(try readNamedFile(configuration.authorityFile)))
            fetcher = try Fetcher(settings, group: group)
        } catch {
            throw APIError.other(
                "\(configuration.authorityFile): no CA certificate to verify the server with; set "
                    + "--kubernetes.ca-file")
        }
        self.configuration = configuration
    }

    /// Closes its connections; takes at most half a second.
    func close() async { await fetcher.close() }

    /// Passes on the bytes of the response as they arrive; first an empty piece, once the response has begun.
    func get(
        _ path: String, _ patience: Patience, isolation: isolated (any Actor)? = #isolation,
        _ body: (ByteBufferView) throws -> Void
    ) async throws {
        try await ask(path, patience, body)
    }

    /// Sends JSON; the whole answer.
    func post(_ path: String, _ content: [UInt8], _ patience: Patience) async throws -> [UInt8] {
        var answer: [UInt8] = []
        try await ask(path, content: ByteBuffer(bytes: content), patience) { answer += $0 }
        return answer
    }

    private func ask(
        _ path: String, content: ByteBuffer? = nil, _ patience: Patience, isolation: isolated (any Actor)? = #isolation,
        _ body: (ByteBufferView) throws -> Void
    ) async throws {
        var headers = [(name: "Accept", value: "application/json"), ("User-Agent", "energyd")]
        if content != nil { headers.append(("Content-Type", "application/json")) }
        if let token = try? readFirstLine(configuration.tokenFile), !token.isEmpty {
            headers.append(("Authorization", "Bearer " + String(decoding: token, as: UTF8.self)))
        }
        var limits = BodyLimits(total: patience.total, bytes: patience.bytes)
        limits.head = patience.head
        do {
            try await fetcher.ask(
                configuration.url + path, content: content, headers: headers, limits: limits,
                head: { head in
                    if let error = APIError(head) { throw error }
                    try body(ByteBufferView())
                }, take: { try body($0.readableBytesView) })
        } catch let failure as FetchFailure {
            throw APIError(failure)
        } catch let error as ObjectScanner.Failure {
            throw APIError.other("\(error)")
        }
    }
}
