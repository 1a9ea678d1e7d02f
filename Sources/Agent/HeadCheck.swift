internal import NIOCore
internal import NIOHTTP1

/// Lets through whole requests that are well formed, and within their limits in size and time.
///
/// A head is held back until its body has come, which nothing here reads: a client that sends slowly occupies no more
/// than its connection. What is refused is passed on as a request whose `Host` says why (``Refusal``), so that the answer
/// comes after those to the requests before it.
final class HeadCheck: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// From the first byte of a request to its last.
    static let readTimeout = TimeAmount.seconds(8)
    /// Short, so that idle connections cannot keep others out for long.
    static let idleTimeout = TimeAmount.seconds(10)
    /// For a client to take the answer to a refused request while it still sends.
    static let lingerTime = TimeAmount.seconds(1)
    static let largestBody = 64 << 10
    static let longestURI = 8 << 10
    /// Of all headers together, and of each.
    static let largestHead = 32 << 10
    static let mostHeaders = 128

    /// Holds the address of the client for ``AccessCheck``, whatever the client wrote into it.
    static let clientHeader = "energyd-client"

    private enum Phase {
        /// Nothing of a request has come yet.
        case idle
        case reading
        /// Nothing is read any more.
        case closing
    }

    private let rules: HeadRules
    private let onStream: @Sendable (any Channel, Bool) -> Void
    private var phase = Phase.idle
    private var held: HTTPRequestHead?
    private var bodySize = 0
    private var isInURI = true
    private var isStream = false
    private var unanswered = 0
    private var deadline: Scheduled<Void>?

    /// - Parameter onStream: called when a connection begins and when it ends to carry a stream of events.
    init(rules: HeadRules, onStream: @escaping @Sendable (any Channel, Bool) -> Void = { _, _ in }) {
        self.rules = rules
        self.onStream = onStream
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(Self.idleTimeout, context) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// Bytes have come, which the decoder has not seen yet.
    func bytesArrived(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if phase == .idle {
            phase = .reading
            isInURI = true
            wait(Self.readTimeout, context)
        }
        if phase == .reading, isInURI { isInURI = !bytes.readableBytesView.contains(UInt8(ascii: "\n")) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closing else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            isInURI = false
            if let refusal = rules.correct(&head) { return refuse(refusal, head, context) }
            if head.headers.contains(name: "expect") {
                guard head.headers["expect"].allSatisfy({ $0.lowercased() == "100-continue" }) else {
                    return refuse(.unknownExpectation, head, context)
                }
                // The client waits before it sends a body, which nothing here reads.
                head.headers.replaceOrAdd(name: "connection", value: "close")
                return pass(head, context, andClose: true)
            }
            bodySize = 0
            held = head
        case .body(let piece):
            bodySize += piece.readableBytes
            if bodySize > Self.largestBody, let head = held { refuse(.bodyTooLarge, head, context) }
        case .end:
            guard let head = held else { return }
            pass(head, context, andClose: false)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard phase != .closing else { return }
        // A client that leaves in the middle of a request has not sent a wrong one.
        if case .invalidEOFState = error { return context.close(promise: nil) }
        let head = held ?? HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        refuse(Refusal(error, isInURI: isInURI), head, context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var data = data
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if head.headers["content-type"].first == MediaType.events { setStream(true, context) }
            // The last answer of a connection says so: RFC 9112, 9.6.
            if phase == .closing, unanswered == 1 {
                head.headers.replaceOrAdd(name: "connection", value: "close")
                data = wrapOutboundOut(.head(head))
            }
        case .body: break
        case .end:
            setStream(false, context)
            unanswered -= 1
            guard unanswered == 0 else { break }
            if phase == .idle { wait(Self.idleTimeout, context) }
            if phase == .closing { wait(Self.lingerTime, context) }
        }
        context.write(data, promise: promise)
    }

    private func setStream(_ value: Bool, _ context: ChannelHandlerContext) {
        guard isStream != value else { return }
        isStream = value
        onStream(context.channel, value)
    }

    private func refuse(_ refusal: Refusal, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        head.headers.replaceOrAdd(name: "host", value: refusal.authority)
        head.headers.replaceOrAdd(name: "connection", value: "close")
        pass(head, context, andClose: true)
    }

    private func pass(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, andClose isLast: Bool) {
        held = nil
        phase = isLast || head.headers["connection"].first == "close" ? .closing : .idle
        unanswered += 1
        deadline?.cancel()
        var head = head
        head.headers.replaceOrAdd(name: Self.clientHeader, value: ClientNetwork.name(context.channel.remoteAddress))
        // The body was left out.
        head.headers.remove(name: "content-length")
        head.headers.remove(name: "transfer-encoding")
        context.fireChannelRead(wrapInboundOut(.head(head)))
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let (check, context) = (NIOLoopBound(self, eventLoop: context.eventLoop), context.loopBound)
        deadline = context.value.eventLoop.scheduleTask(in: time) { check.value.timeIsUp(context.value) }
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        switch phase {
        case .idle, .closing: if unanswered == 0 { context.close(promise: nil) }
        case .reading:
            let head = held ?? HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
            refuse(.timeout, head, context)
            context.fireChannelReadComplete()
        }
    }
}
