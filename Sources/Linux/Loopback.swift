internal import Glibc

/// What means this machine alone, by its name or address. Nothing is resolved: what a name server says may be anything.
package enum Loopback {
    /// - Parameter host: a name or an address without port and brackets, in any case: `localhost`, `127.0.0.1`, `::1`,
    ///   `::ffff:127.0.0.1`.
    package static func contains(host: some StringProtocol) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "localhost." { return true }
        // To C a zero is the end.
        guard !host.utf8.contains(0) else { return false }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, host, &bytes) == 1 { return bytes[0] == 127 }
        guard inet_pton(AF_INET6, host, &bytes) == 1 else { return false }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? bytes[12] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// - Parameter authority: `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`, as a URL or the header `Host` has it. False for
    ///   anything else, such as one with a user.
    package static func contains(authority: some StringProtocol) -> Bool {
        host(of: authority).map { contains(host: $0) } ?? false
    }

    /// The host of `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; nil for anything else.
    package static func host(of authority: some StringProtocol) -> String? {
        let text = String(authority)
        let host: Substring
        let port: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[..<end].dropFirst()
            port = text[end...].dropFirst()
        } else {
            host = text.prefix { $0 != ":" }
            port = text[host.endIndex...]
        }
        let isPort =
            port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isPort && !host.isEmpty ? String(host) : nil
    }
}
