internal import Engine
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// The HTTP server on one address.
struct WebServer: Service {
    enum Address {
        case tcp(ListenAddress)
        /// For local clients.
        case unix(path: String)
    }

    let address: Address
    let store: SnapshotStore
    let group: MultiThreadedEventLoopGroup
    let logger: Logger

    /// Scrapers and a few people; more is an attack.
    private static let connectionLimit = 256
    private static let idleTimeout = TimeAmount.seconds(75)

    /// A TCP address that cannot be had stops the agent; the socket is a convenience, its failure is logged and the
    /// rest goes on.
    func run() async throws {
        switch address {
        case .tcp(let listen):
            do {
                try await serve(on: .hostname(listen.host, port: listen.port), "http://\(listen.host):\(listen.port)")
            } catch let error as IOError {
                throw Self.explain(error, listen)
            } catch let error as SocketAddressError {
                throw AgentError(
                    "cannot listen on \(listen.host):\(listen.port): \(error); give an address of this host with "
                        + "--web.listen-address", isConfiguration: true)
            }
        case .unix(let path):
            do {
                try prepareSocket(path)
                try await serve(on: .unixDomainSocket(path: path), path)
                unlink(path)
            } catch {
                logger.warning("no local socket", metadata: ["path": "\(path)", "error": "\(error)"])
                // A service that returns ends the others.
                try? await gracefulShutdown()
            }
        }
    }

    private func serve(on address: BindAddress, _ name: String) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: Routes(store: store).router(),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
            onServerRunning: { [logger] _ in logger.info("serving", metadata: ["address": "\(name)"]) },
            eventLoopGroupProvider: .shared(group),
            logger: quiet)
        try await application.run()
    }

    /// Makes the directory and clears away the socket of an agent that is gone.
    private func prepareSocket(_ path: String) throws {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            mkdir(String(path[..<slash]), 0o755)
        }
        if try isAnswered(path) {
            throw AgentError("another agent is listening there", isConfiguration: false)
        }
        unlink(path)
    }

    private func isAnswered(_ path: String) throws -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let address = try SocketAddress(unixDomainSocketPath: path)
        return address.withSockAddr { pointer, size in connect(descriptor, pointer, socklen_t(size)) == 0 }
    }

    private static func explain(_ error: IOError, _ listen: ListenAddress) -> AgentError {
        let place = "\(listen.host):\(listen.port)"
        switch error.errnoCode {
        case EADDRINUSE:
            return AgentError(
                "cannot listen on \(place): the port is in use; stop the other program (`ss -ltnp` names it) or "
                    + "choose another with --web.listen-address", isConfiguration: true)
        case EACCES, EADDRNOTAVAIL:
            return AgentError(
                "cannot listen on \(place): \(String(cString: strerror(error.errnoCode))); give an address of this "
                    + "host and a port above 1023 with --web.listen-address", isConfiguration: true)
        default:
            return AgentError("cannot listen on \(place): \(error)", isConfiguration: false)
        }
    }
}
