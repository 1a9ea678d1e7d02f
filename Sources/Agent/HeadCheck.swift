internal import NIOCore
internal import NIOHTTP1

/// What the server library leaves to its user about the head of a request: a request of HTTP/1.1 has exactly one `Host`
/// (RFC 9112, 3.2), and a connection of HTTP/1.0 ends with its answer unless the client asks for more.
final class HeadCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Takes the place of a `Host` that is missing or doubled; ``RequestCheck`` refuses it. A name that nobody can have.
    static let refusedHost = "refused.invalid"
    /// The same of one that is not the server's own.
    static let foreignHost = "foreign.invalid"

    /// False for the local socket: there a client has no host to name, and many name none.
    private let needsHost: Bool
    /// Nil where any name is answered.
    private let hosts: LocalHosts?

    init(needsHost: Bool, hosts: LocalHosts?) {
        self.needsHost = needsHost
        self.hosts = hosts
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        Self.correct(&head, needsHost: needsHost, hosts: hosts)
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    static func correct(_ head: inout HTTPRequestHead, needsHost: Bool = true, hosts: LocalHosts? = nil) {
        let given = head.headers["host"]
        if let hosts, given.contains(where: { !hosts.accepts($0) }) {
            head.headers.replaceOrAdd(name: "host", value: foreignHost)
            head.headers.replaceOrAdd(name: "connection", value: "close")
            return
        }
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        if head.version == .http1_0 {
            if !options.contains("keep-alive") { head.headers.replaceOrAdd(name: "connection", value: "close") }
        } else if needsHost, given.count != 1 {
            head.headers.replaceOrAdd(name: "host", value: refusedHost)
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if options.contains("close") {
            // As the library looks for it: alone and in lower case.
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
    }

    /// Puts the check behind the decoder of the connection that this is added to, and leaves.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Never

        private let needsHost: Bool
        private let hosts: LocalHosts?

        /// - Parameter hosts: what a connection to a loopback address may name; nil for anything.
        init(needsHost: Bool, hosts: LocalHosts?) {
            self.needsHost = needsHost
            self.hosts = hosts
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let isLocal = LocalHosts.isLoopback(context.channel.localAddress)
                try pipeline.addHandler(
                    HeadCheck(needsHost: needsHost, hosts: isLocal ? hosts : nil), position: .after(decoder))
            } catch {
                // Without its check a connection is not served.
                context.close(promise: nil)
            }
        }
    }
}
