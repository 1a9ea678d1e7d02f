internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Settings

/// The HTTP server on one address.
struct WebServer: Service {
    enum Address {
        /// With the further names that it may be called by; see ``LocalHosts``.
        case tcp(ListenAddress, names: [String])
        /// For local clients.
        case unix(path: String, mode: UInt32)
    }

    let address: Address
    let routes: Routes
    let group: MultiThreadedEventLoopGroup
    let connections: ConnectionPool
    /// Who may read; nil for everyone who can connect.
    var access: WebAccess?
    /// Makes cgroups for the runs of clients; nil where none are made.
    var runs: RunCgroups?
    let logger: Logger

    /// Scrapers and a few people; more is an attack.
    static let connectionLimit = 64
    /// Connections that the kernel holds until they are accepted. A client that floods the agent fills this queue,
    /// however long it is, and a probe behind it waits until all of it has been accepted.
    private static let backlog = 2 * connectionLimit

    /// A TCP address that cannot be used stops the agent; the socket is a convenience, its failure is logged and the
    /// other services keep running.
    func run() async throws {
        switch address {
        case .tcp(let listen, _):
            do {
                try await serve(on: listen)
            } catch let error as IOError {
                throw Self.explain(error, listen)
            } catch let error where error is SocketAddressError || error is SocketAddressError.UnknownHost {
                throw AgentError(
                    "cannot listen on \(listen): no such host; give an address of this host with "
                        + "--web.listen-address", isConfiguration: true)
            }
        case .unix(let path, let mode):
            do {
                let socket = LocalSocket(path: path, mode: mode)
                try socket.prepare()
                defer { socket.remove() }
                try await serve(on: .unixDomainSocket(path: path)) { socket.isBound() }
            } catch {
                let reason =
                    error as? SocketAddressError == .unixDomainSocketPathTooLong
                    ? "longer than 107 bytes; choose another with --web.socket" : "\(error)"
                logger.warning("cannot serve the local socket", metadata: ["path": "\(path)", "error": "\(reason)"])
                // A service that returns ends the others.
                try? await gracefulShutdown()
            }
        }
    }

    private var isTCP: Bool {
        if case .tcp = address { true } else { false }
    }

    private var hosts: LocalHosts? {
        if case .tcp(let listen, let names) = address { LocalHosts(listen, names: names) } else { nil }
    }

    private func serve(on listen: ListenAddress) async throws {
        guard listen.isEveryInterface else {
            return try await serve(on: .hostname(listen.host, port: listen.port))
        }
        do {
            // Accepts IPv4 too, unless the system is configured otherwise.
            try await serve(on: .hostname("::", port: listen.port))
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            try await serve(on: .hostname("0.0.0.0", port: listen.port))
        }
    }

    private func serve(on address: BindAddress, onRunning: @escaping @Sendable () -> Void = {}) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: routes.router(access: access, connections: connections, runs: runs),
            server: server,
            configuration: ApplicationConfiguration(address: address, backlog: Self.backlog),
            onServerRunning: { [logger] channel in
                onRunning()
                logger.info("serving", metadata: ["address": "\(Self.place(channel.localAddress))"])
            },
            eventLoopGroupProvider: .shared(group),
            logger: quiet)
        try await application.run()
    }

    private var server: HTTPServerBuilder {
        let rules = HeadRules(needsHost: isTCP, hosts: hosts)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                connections.makeHandler(),
                HeadCheck.Installer(rules: rules) { [connections] in connections.mark($0, isStream: $1) },
            ],
            // HeadCheck closes idle connections.
            idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: HeadCheck.largestHead, maxHeaderListSize: HeadCheck.largestHead,
                maxHeaderFieldCount: HeadCheck.mostHeaders))
        guard let access else { return .http1(configuration: configuration) }
        return HTTPServerBuilder { responder in
            TLSConnections(base: HTTP1Channel(responder: responder, configuration: configuration), store: access.tls)
        }
    }

    /// `127.0.0.1:9464`, `[::]:9464` or a path.
    private static func place(_ address: SocketAddress?) -> String {
        guard let address else { return "?" }
        if let path = address.pathname { return path }
        let host = address.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
    }

    /// Why the address cannot be used, with the remedy.
    static func explain(_ error: IOError, _ listen: ListenAddress) -> AgentError {
        switch error.errnoCode {
        case EADDRINUSE:
            return AgentError(
                "cannot listen on \(listen): the port is in use; stop the other program (`ss -ltnp` names it) or "
                    + "choose another with --web.listen-address", isConfiguration: true)
        case EACCES:
            return AgentError(
                "cannot listen on \(listen): a port below 1024 needs CAP_NET_BIND_SERVICE, which the agent drops; "
                    + "choose a port above 1023 with --web.listen-address", isConfiguration: true)
        case EADDRNOTAVAIL:
            return AgentError(
                "cannot listen on \(listen): this host has no such address; give an address of this host with "
                    + "--web.listen-address", isConfiguration: true)
        default:
            let reason = String(cString: strerror(error.errnoCode))
            return AgentError("cannot listen on \(listen): \(reason)", isConfiguration: false)
        }
    }
}
