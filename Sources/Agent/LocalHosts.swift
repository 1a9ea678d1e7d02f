internal import Linux
internal import NIOCore
internal import Settings

/// Which values of the header `Host` are answered on a connection to a loopback address.
///
/// A web page of anybody's can have its own name point at 127.0.0.1 and then read what listens there, with the browser of
/// the visitor (DNS rebinding). The browser says that name in `Host`. A server that listens on every interface is
/// reached there too. On other addresses names are the network's own affair.
struct LocalHosts: Sendable {
    /// Names besides those of a loopback address, in lower case.
    private let names: Set<String>

    /// - Parameters:
    ///   - listen: its host is answered as it was configured.
    ///   - names: of a proxy on this host, for example.
    init(_ listen: ListenAddress, names: [String] = []) {
        self.names = Set(([listen.host] + names).map { $0.lowercased() })
    }

    /// - Parameter authority: `HOST` or `HOST:PORT`, of whatever port: a tunnel may have another.
    func accepts(_ authority: some StringProtocol) -> Bool {
        guard let name = Loopback.host(of: authority.lowercased()) else { return false }
        return names.contains(name) || Loopback.contains(host: name)
    }

    /// Whether a connection to this address of the server's is one from its own host only.
    static func isLoopback(_ address: SocketAddress?) -> Bool {
        address?.ipAddress.map { Loopback.contains(host: $0) } ?? false
    }
}
