/// Where the HTTP server listens: `127.0.0.1:9464`, `:9464` for every interface, `[::1]:9464`.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// Empty for every interface, IPv6 and IPv4.
    package let host: String
    /// 0 for one that the kernel chooses.
    package let port: Int

    /// Reachable from this machine only; 9464 is the port of OpenTelemetry's Prometheus exporter.
    package static let standard = ListenAddress(host: "127.0.0.1", port: 9464)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil for anything but `HOST:PORT`, `:PORT` and `[IPV6]:PORT`.
    package init?(text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: String(host), port: Int(port))
    }

    package var isEveryInterface: Bool { host.isEmpty }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
