internal import Compression
internal import Fetching
internal import Linux
internal import NIOCore
internal import Telemetry

/// A client with the certificates that were in the files when it was made.
struct PushConnection {
    private let fetcher: Fetcher
    private let settings: PushSettings
    private var requests = 0

    private static let responseLimit = 4 << 20
    /// Certificates are renewed: their files are read again after so many requests, and after every failure.
    private static let mostRequests = 60

    /// Reads the files, which may block.
    static func files(_ settings: PushSettings) throws(HostError) -> [[UInt8]?] {
        let paths = [settings.authorityFile, settings.certificateFile, settings.keyFile]
        return try paths.map { (path) throws(HostError) in
            try path.map { (path) throws(HostError) in try readNamedFile(path) }
        }
    }

    /// - Parameter files: as ``files(_:)`` returns them.
    init(_ settings: PushSettings, files: [[UInt8]?], group: any EventLoopGroup) throws(FetchFailure) {
        var fetch = FetchSettings()
        fetch.connect = min(settings.timeout, .seconds(5))
        fetch.silence = settings.timeout
        fetch.connections = 1
        if let authorities = files[0] { fetch.trust = .authorities(authorities) }
        if let certificates = files[1] { fetch.identity = (certificates, files[2] ?? certificates) }
        fetcher = try Fetcher(fetch, group: group)
        self.settings = settings
    }

    var isWorn: Bool { requests >= Self.mostRequests }

    func close() async { await fetcher.close() }

    /// Sends a request. Throws where there is no answer.
    ///
    /// - Parameter headers: further ones.
    mutating func send(_ body: [UInt8], _ kind: PushKind, headers more: [Resource.Attribute]) async throws -> PushAnswer
    {
        requests += 1
        let type = kind.isProtobuf ? OTLPEncoder.Format.protobuf.contentType : OTLPEncoder.Format.json.contentType
        var headers = [(name: "Content-Type", value: type), (name: "User-Agent", value: settings.userAgent)]
        if kind.isCompressed { headers.append((name: "Content-Encoding", value: "gzip")) }
        headers += (settings.headers + more).map { (name: $0.name, value: $0.value) }
        var head: FetchHead?
        var answer: [UInt8] = []
        do {
            try await fetcher.ask(
                settings.endpoint, content: ByteBuffer(bytes: body), headers: headers,
                limits: BodyLimits(total: settings.timeout, bytes: Self.responseLimit), head: { head = $0 },
                take: { answer += $0.readableBytesView })
        } catch {
            // The status is the answer, whatever became of the rest: what was accepted must not be sent again.
            guard head != nil else { throw error }
        }
        guard let head else { throw FetchFailure(.notHTTP, "what it sends is not HTTP") }
        return PushAnswer(
            status: head.status, contentType: head.first("Content-Type"), pause: head.pause, body: answer)
    }
}
