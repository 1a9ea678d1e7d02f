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
        var name = authority.lowercased()
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            guard Self.isPort(name[name.index(after: end)...]) else { return false }
            name = String(name[name.index(after: name.startIndex)..<end])
        } else if let colon = name.firstIndex(of: ":") {
            guard Self.isPort(name[colon...]) else { return false }
            name = String(name[..<colon])
        }
        return !name.isEmpty && (names.contains(name) || Self.isLocal(name))
    }

    /// Whether a connection to this address of the server's is one from its own host only.
    static func isLoopback(_ address: SocketAddress?) -> Bool {
        guard let host = address?.ipAddress else { return false }
        // What reaches a socket for both protocols over IPv4 has such an address.
        return isLocal(host.hasPrefix("::ffff:") ? String(host.dropFirst("::ffff:".count)) : host)
    }

    /// Empty, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    static func isLocal(_ name: String) -> Bool {
        if ["localhost", "localhost.", "::1"].contains(name.lowercased()) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}
