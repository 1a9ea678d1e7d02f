internal import AsyncHTTPClient
internal import Linux
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Why a request failed.
enum APIError: Error, CustomStringConvertible {
    /// The token was rejected; it may have expired.
    case unauthorized
    /// The requested version is too old: list again.
    case gone
    /// Too many requests; the pause that the server asks for, s.
    case throttled(Double?)
    case status(Int)
    case other(String)

    var description: String {
        switch self {
        case .unauthorized: "HTTP 401: the token was rejected; see --kubernetes.token-file"
        case .gone: "HTTP 410: the requested version is too old"
        case .throttled: "HTTP 429: too many requests"
        case .status(403): "HTTP 403: not permitted to read pods; see deploy/kustomize/overlays"
        case .status(let code): "HTTP \(code)"
        case .other(let text): text
        }
    }
}

/// GET requests to an API server or kubelet, with its certificate verified and the current token.
struct APIClient {
    private let configuration: KubernetesConfiguration
    private let http: HTTPClient
    /// How long the other side may take to close a TLS connection in good order.
    private static let goodbye = TimeAmount.milliseconds(500)

    /// Reads the certificate authority; throws where there is none, because no other authority is trusted.
    init(_ configuration: KubernetesConfiguration, group: any EventLoopGroup) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(configuration.authorityFile))
        } catch {
            throw APIError.other(
                "\(configuration.authorityFile): no CA certificate to verify the server with; set "
                    + "--kubernetes.ca-file")
        }
        tls.shutdownTimeout = Self.goodbye
        var client = HTTPClient.Configuration(tlsConfiguration: tls)
        client.redirectConfiguration = .disallow
        client.httpVersion = .http1Only
        client.timeout.connect = .seconds(10)
        client.connectionPool.retryConnectionEstablishment = false
        client.connectionPool.idleTimeout = .seconds(30)
        self.configuration = configuration
        http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: client)
    }

    /// Closes its connections; takes at most ``goodbye``.
    func close() async {
        try? await http.shutdown()
    }

    /// Passes on the bytes of the response as they arrive; first an empty piece, once the response has begun.
    ///
    /// - Parameter timeout: of the whole answer, s.
    func get(
        _ path: String, timeout: Int, isolation: isolated (any Actor)? = #isolation,
        _ body: (ByteBufferView) throws -> Void
    ) async throws {
        var request = HTTPClientRequest(url: configuration.url + path)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "energyd")
        if let token = try? readText(configuration.tokenFile, limit: 1 << 16), !token.isEmpty {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: .seconds(Int64(timeout)))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let isTrusted = !(error is NIOSSLError || error is NIOSSLExtraError)
            throw APIError.other(
                Self.words(error) + ": check --kubernetes.\(isTrusted ? "url" : "ca-file")")
        }
        switch response.status.code {
        case 200: break
        case 401: throw APIError.unauthorized
        case 410: throw APIError.gone
        case 429, 503:
            let seconds = response.headers.first(name: "Retry-After").flatMap(Double.init)
            throw APIError.throttled(seconds.flatMap { $0.isFinite ? $0 : nil })
        default: throw APIError.status(Int(response.status.code))
        }
        do {
            try body(ByteBufferView())
            for try await buffer in response.body { try body(buffer.readableBytesView) }
        } catch let error as APIError {
            throw error
        } catch let error as ObjectScanner.Failure {
            throw APIError.other("\(error)")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw APIError.other(Self.words(error))
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: error.description
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOSSLError: "TLS: \(error)"
        default: printable("\(error)")
        }
    }
}
