internal import NIOCore
internal import NIOHTTP1

/// What the server library leaves to its user about the head of a request: a request of HTTP/1.1 has exactly one `Host`
/// (RFC 9112, 3.2), and a connection of HTTP/1.0 ends with its answer unless the client asks for more.
final class HeadCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Takes the place of a `Host` that is missing or doubled; ``RequestCheck`` refuses it. A name that nobody can have.
    static let refusedHost = "refused.invalid"

    /// False for the local socket: there a client has no host to name, and many name none.
    private let needsHost: Bool

    init(needsHost: Bool) {
        self.needsHost = needsHost
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        Self.correct(&head, needsHost: needsHost)
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    static func correct(_ head: inout HTTPRequestHead, needsHost: Bool = true) {
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        if head.version == .http1_0 {
            if !options.contains("keep-alive") { head.headers.replaceOrAdd(name: "connection", value: "close") }
        } else if needsHost, head.headers["host"].count != 1 {
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

        init(needsHost: Bool) {
            self.needsHost = needsHost
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(HeadCheck(needsHost: needsHost), position: .after(decoder))
            } catch {
                // Without its check a connection is not served.
                context.close(promise: nil)
            }
        }
    }
}
