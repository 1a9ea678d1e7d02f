import Glibc

/// The answer to a GET, read until the server closes the connection.
package struct HTTPAnswer {
    package let status: Int
    package let headers: String
    package let body: String
}

/// Sends a GET to a server on this machine; nil if the connection is refused.
package func httpGet(port: UInt16, _ path: String, method: String = "GET") -> HTTPAnswer? {
    let request = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return exchange(port: port, Array(request.utf8)).flatMap(parse)
}

/// Sends bytes to a port of this machine and returns what it sends back until it closes or is silent for `seconds`.
package func exchange(port: UInt16, _ bytes: [UInt8], timeout seconds: Int = 10) -> [UInt8]? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
    var timeout = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var sent = 0
    while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count <= 0 { break }
        sent += count
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { answer += chunk.prefix(count) }
    return answer
}

/// A client that keeps its connection open.
package final class KeepAliveClient {
    private let descriptor: Int32

    /// nil if the connection is refused.
    package init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Fetches a small page; false if there is no answer within two seconds.
    package func get(_ path: String) -> Bool {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
        var answer = [UInt8](repeating: 0, count: 4096)
        return recv(descriptor, &answer, answer.count, 0) > 0
    }
}

/// A free port of this machine.
package func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    guard withLoopback(0, { bind(descriptor, $0, $1) }) == 0 else { throw Failure("no free port: errno \(errno)") }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    guard result == 0 else { throw Failure("no free port: errno \(errno)") }
    return UInt16(bigEndian: address.sin_port)
}

private func withLoopback(_ port: UInt16, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { use($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}

private func parse(_ bytes: [UInt8]) -> HTTPAnswer? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let split = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1.1 "),
        let status = Int(text.dropFirst(9).prefix(3))
    else { return nil }
    return HTTPAnswer(
        status: status, headers: String(text[..<split.lowerBound]), body: String(text[split.upperBound...]))
}

extension String {
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        ranges(of: needle).first
    }
}
