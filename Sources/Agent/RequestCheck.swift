internal import Hummingbird
internal import Settings

/// Which values of the header `Host` a server that listens on a loopback address answers.
///
/// A web page of anybody's can have its own name point at 127.0.0.1 and then read what listens there, with the browser of
/// whoever looks at it (DNS rebinding). The browser says that name in `Host`.
struct LocalHosts: Sendable {
    /// As configured.
    private let host: String

    /// Nil where the address is not a loopback one: then names are the network's own affair.
    init?(_ listen: ListenAddress) {
        guard Self.isLocal(listen.host) else { return nil }
        host = listen.host.lowercased()
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
        return name == host || Self.isLocal(name)
    }

    /// Empty, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLocal(_ name: String) -> Bool {
        if ["localhost", "localhost.", "::1"].contains(name.lowercased()) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}

/// Refuses requests before any route sees them: of pages that borrow the name of a loopback address, and with methods
/// that a route does not have.
struct RequestCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    /// Nil where any name is answered.
    let hosts: LocalHosts?
    /// Every path with a route; each can be read and nothing else.
    let paths: Set<String>

    @concurrent func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        if request.head.authority == HeadCheck.refusedHost {
            return plain(.badRequest, "bad request: exactly one Host is needed\n")
        }
        if let hosts, let authority = request.head.authority, !hosts.accepts(authority) {
            return plain(
                .forbidden,
                "forbidden: this address answers to localhost, 127.0.0.1 and [::1] only, not to the name in Host\n")
        }
        if paths.contains(request.uri.path), request.method != .get, request.method != .head {
            var answer = plain(.methodNotAllowed, "method not allowed: only GET and HEAD\n")
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        return try await next(request, context)
    }

    private func plain(_ status: HTTPResponse.Status, _ words: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: .init(string: words)))
    }
}
