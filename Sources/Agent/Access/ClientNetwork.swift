internal import Glibc
internal import NIOCore

/// Whose failed logins are counted together: an IPv4 address, and of IPv6 the first half, because the other half is the
/// client's to choose.
enum ClientNetwork {
    /// `192.0.2.1`, `2001:db8:0:1::/64`; empty where the address is unknown.
    static func name(_ address: SocketAddress?) -> String {
        guard let text = address?.ipAddress else { return "" }
        var bytes = [UInt8](repeating: 0, count: 16)
        // Without the interface of a link-local address.
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &bytes) == 1 else { return text }
        // An IPv4 address at a socket for both.
        if bytes[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) {
            return bytes[12...].map { "\($0)" }.joined(separator: ".")
        }
        for index in 8..<16 { bytes[index] = 0 }
        var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &name, socklen_t(name.count)) != nil else { return text }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) + "/64"
    }
}
