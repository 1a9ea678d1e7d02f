internal import HummingbirdCore
internal import Linux
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate that new connections are served with; replaced while the server runs.
final class TLSStore: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// - Throws: where the files are no certificate and key that belong together.
    init(_ tls: WebConfig.TLS) throws {
        context = Mutex(try Self.context(tls))
    }

    var current: NIOSSLContext { context.withLock(\.self) }

    /// Connections from here on have the new one; where it is none, the old one stays.
    func replace(with tls: WebConfig.TLS) throws {
        let fresh = try Self.context(tls)
        context.withLock { $0 = fresh }
    }

    private static func context(_ tls: WebConfig.TLS) throws -> NIOSSLContext {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(try readNamedFile(tls.certificateFile)).map { .certificate($0) }
        } catch {
            throw WebConfig.Failure(description: "cert_file \(printable(tls.certificateFile)): \(words(error))")
        }
        do {
            key = try NIOSSLPrivateKey(bytes: try readNamedFile(tls.keyFile), format: .pem)
        } catch {
            throw WebConfig.Failure(description: "key_file \(printable(tls.keyFile)): \(words(error))")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = tls.oldest
        configuration.maximumTLSVersion = tls.newest
        configuration.applicationProtocols = ["http/1.1"]
        if let path = tls.clientAuthorityFile {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try readNamedFile(path)))
            } catch {
                throw WebConfig.Failure(description: "client_ca_file \(printable(path)): \(words(error))")
            }
            configuration.certificateVerification =
                tls.needsClientCertificate ? .noHostnameVerification : .optionalVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw WebConfig.Failure(
                description: "\(printable(tls.certificateFile)) and \(printable(tls.keyFile)) do not belong together")
        }
    }

    private static func words(_ error: any Error) -> String {
        error is HostError ? "\(error)" : "no PEM file of that kind"
    }
}

/// A server's connections with TLS before everything else.
struct TLSConnections<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let store: TLSStore

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: store.current))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
