internal import HummingbirdCore
internal import Linux
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate that new connections are served with; replaced while the server runs.
final class TLSStore: Sendable {
    private let context: Mutex<NIOSSLContext?>

    /// - Parameter context: nil for no TLS.
    init(_ context: NIOSSLContext?) {
        self.context = Mutex(context)
    }

    var current: NIOSSLContext? { context.withLock(\.self) }

    /// Connections from here on have the new one; those that are open keep theirs.
    func replace(with context: NIOSSLContext?) {
        self.context.withLock { $0 = context }
    }
}

/// A certificate with its key, ready to be served.
struct ServerIdentity {
    let context: NIOSSLContext
    /// Unix time.
    let expiry: Double
    /// Of clients' certificates; empty where clients need none.
    let authorities: [NIOSSLCertificate]

    /// How long a client may take to close its side. The library's 5 s are longer than the agent takes to end.
    private static let goodbye = TimeAmount.milliseconds(200)

    /// Throws where the files are no certificate and key that belong together.
    init(_ tls: WebConfig.TLS) throws(WebConfig.Failure) {
        let chain = try Self.certificates(tls.certificateFile, "cert_file")
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: try readNamedFile(tls.keyFile), format: .pem)
        } catch {
            throw Self.failure("key_file", tls.keyFile, error)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = tls.oldest
        configuration.maximumTLSVersion = tls.newest
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = Self.goodbye
        if !tls.ciphers.isEmpty { configuration.cipherSuiteValues = tls.ciphers }
        if !tls.curves.isEmpty { configuration.curves = tls.curves }
        authorities =
            try tls.clientAuthorityFile.map { (path) throws(WebConfig.Failure) in
                try Self.certificates(path, "client_ca_file")
            } ?? []
        if !authorities.isEmpty {
            configuration.trustRoots = .certificates(authorities)
            configuration.certificateVerification =
                tls.needsClientCertificate ? .noHostnameVerification : .optionalVerification
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw WebConfig.Failure(
                description: "cert_file \(printable(tls.certificateFile)) and key_file \(printable(tls.keyFile)) do "
                    + "not belong together, or cannot be used")
        }
        expiry = Double(chain.first?.notValidAfter ?? 0)
    }

    private static func certificates(
        _ path: String, _ key: String
    ) throws(WebConfig.Failure) -> [NIOSSLCertificate] {
        do {
            let found = try NIOSSLCertificate.fromPEMBytes(try readNamedFile(path))
            if !found.isEmpty { return found }
        } catch {
            throw failure(key, path, error)
        }
        throw WebConfig.Failure(description: "\(key) \(printable(path)): no certificate (PEM) in it")
    }

    private static func failure(_ key: String, _ path: String, _ error: any Error) -> WebConfig.Failure {
        let words = (error as? HostError).map { "\($0)" } ?? "\(printable(path)): no PEM file of that kind"
        return WebConfig.Failure(description: "\(key): \(words)")
    }
}

/// A server's connections, with TLS before everything else where there is a certificate.
struct TLSConnections<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let store: TLSStore

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            guard let context = store.current else { return }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
