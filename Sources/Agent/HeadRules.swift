internal import NIOHTTP1

/// What the server library leaves to its user about the head of a request: a request of HTTP/1.1 has exactly one `Host`
/// (RFC 9112, 3.2), and a connection of HTTP/1.0 ends with its answer unless the client asks for more.
struct HeadRules: Sendable {
    /// False for the local socket: there a client has no host to name, and many name none.
    var needsHost = true
    /// Nil where any name is answered.
    var hosts: LocalHosts?

    /// Makes the head what the library looks for. Returns why the request cannot be answered.
    func correct(_ head: inout HTTPRequestHead) -> Refusal? {
        let given = head.headers["host"]
        if let hosts, given.contains(where: { !hosts.accepts($0) }) { return .foreignHost }
        if head.uri.utf8.count > HeadCheck.longestURI { return .uriTooLong }
        if head.version.major != 1 { return .unknownVersion }
        // A name that refused requests are marked with belongs to no host.
        if given.contains(where: { Refusal(authority: $0) != nil }) { return .ambiguousHost }
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        if head.version == .http1_0 {
            if !options.contains("keep-alive") { head.headers.replaceOrAdd(name: "connection", value: "close") }
        } else if needsHost, given.count != 1 {
            return .ambiguousHost
        } else if options.contains("close") {
            // As the library looks for it: alone and in lower case.
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        return nil
    }
}
