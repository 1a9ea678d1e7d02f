internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The open connections of one server: never more than the limit, and a new client is always accepted.
///
/// When all places are taken, a new connection replaces the one that was idle the longest. Refusing new ones instead
/// would let a few idle clients lock out the probes of Kubernetes, which then restarts the agent.
final class ConnectionPool: Sendable {
    private struct Entry {
        var channel: any Channel
        var lastActivity: NIODeadline
        /// Answers that the client has not taken yet.
        var pendingWrites = 0
        /// True while it carries a stream of events, of which there is a bounded number anyway.
        var isStream = false
        /// True when the client sends nothing more, as one that is gone.
        var hasInputEnded = false
        /// True once it is to make room for another.
        var isClosing = false
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var streams = 0
        var closed: UInt64 = 0
    }

    private let limit: Int
    private let logger: Logger
    private let now: @Sendable () -> NIODeadline
    private let state = Mutex(State())

    /// - Parameter now: the clock that idle times are measured with.
    init(limit: Int, logger: Logger, now: @escaping @Sendable () -> NIODeadline = { NIODeadline.now() }) {
        self.limit = limit
        self.logger = logger
        self.now = now
    }

    /// For a client to take a piece of an answer.
    private static let writeTimeout = TimeAmount.seconds(5)
    /// The same of a stream, whose readers may be slow: what they miss is counted for them, and the bodies are shared.
    private static let streamTimeout = TimeAmount.seconds(30)

    /// Connections that were closed for new ones since the start.
    var closed: UInt64 { state.withLock(\.closed) }
    /// Connections that are open now, those that are closing included.
    var count: Int { state.withLock { $0.entries.count } }

    /// What must sit in the pipeline of every connection.
    func makeHandler() -> any RemovableChannelHandler { Handler(pool: self) }

    private func enter(_ channel: any Channel) {
        let (victim, isFirst) = state.withLock { state -> ((any Channel)?, Bool) in
            var victim: (any Channel)?
            if state.entries.count - state.streams >= limit, let oldest = Self.longestIdle(state.entries) {
                // It counts until it has ended.
                state.entries[oldest]?.isClosing = true
                victim = state.entries[oldest]?.channel
                state.closed += 1
            }
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, lastActivity: now())
            return (victim, state.closed == 1)
        }
        guard let victim else { return }
        if isFirst {
            // Once, or a client that keeps opening connections fills the log. The fault `connections_closed` counts all.
            logger.warning(
                "too many connections: from now on the longest idle one is closed for each new one",
                metadata: ["limit": "\(limit)"])
        }
        Self.end(victim)
    }

    /// Ends all connections.
    func endAll() {
        let channels = state.withLock { $0.entries.values.map(\.channel) }
        for channel in channels { Self.end(channel) }
    }

    /// At once, without the goodbye that TLS waits for: a client that is to make room may take its time.
    private static func end(_ channel: any Channel) {
        guard channel.eventLoop.inEventLoop else { return channel.eventLoop.execute { end(channel) } }
        if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            channel.close(promise: nil)
        }
    }

    /// Those that wait for their client to read are in use: the last to go.
    private static func longestIdle(_ entries: [ObjectIdentifier: Entry]) -> ObjectIdentifier? {
        entries.lazy.filter { !$0.value.isStream && !$0.value.isClosing }.min { a, b in
            let (x, y) = (a.value.pendingWrites > 0, b.value.pendingWrites > 0)
            return x == y ? a.value.lastActivity < b.value.lastActivity : y
        }?.key
    }

    private func touch(_ channel: any Channel, pending: Int = 0) {
        state.withLock { state in
            state.entries[ObjectIdentifier(channel)]?.lastActivity = now()
            state.entries[ObjectIdentifier(channel)]?.pendingWrites += pending
        }
    }

    private func leave(_ channel: any Channel) {
        state.withLock { state in
            if state.entries.removeValue(forKey: ObjectIdentifier(channel))?.isStream == true { state.streams -= 1 }
        }
    }

    /// Says whether a connection carries a stream, which then neither counts nor is closed for others.
    func mark(_ channel: any Channel, isStream: Bool) {
        state.withLock { state in
            let key = ObjectIdentifier(channel)
            guard let entry = state.entries[key], entry.isStream != isStream else { return }
            state.entries[key]?.isStream = isStream
            state.streams += isStream ? 1 : -1
        }
    }

    /// Whether a client is gone, as far as its side of the connection says.
    func hasLeft(_ channel: any Channel) -> Bool {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.hasInputEnded ?? true }
    }

    private func inputEnded(_ channel: any Channel) {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.hasInputEnded = true }
    }

    private func timeout(of channel: any Channel) -> TimeAmount {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.isStream == true }
            ? Self.streamTimeout : Self.writeTimeout
    }

    /// Reports the start, activity and end of a connection to the pool; does not look at the data.
    private final class Handler: ChannelDuplexHandler, RemovableChannelHandler {
        typealias InboundIn = Never
        typealias OutboundIn = Never

        private let pool: ConnectionPool

        init(pool: ConnectionPool) {
            self.pool = pool
        }

        func handlerAdded(context: ChannelHandlerContext) { pool.enter(context.channel) }
        func handlerRemoved(context: ChannelHandlerContext) { pool.leave(context.channel) }

        func channelInactive(context: ChannelHandlerContext) {
            pool.leave(context.channel)
            context.fireChannelInactive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { pool.inputEnded(context.channel) }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            pool.touch(context.channel)
            context.fireChannelRead(data)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let (pool, channel) = (pool, context.channel)
            let promise = promise ?? context.eventLoop.makePromise()
            pool.touch(channel, pending: 1)
            // A client that takes nothing for so long keeps a body in memory that others have done with.
            let deadline = context.eventLoop.scheduleTask(in: pool.timeout(of: channel)) {
                channel.close(promise: nil)
            }
            promise.futureResult.whenComplete { _ in
                deadline.cancel()
                pool.touch(channel, pending: -1)
            }
            context.write(data, promise: promise)
        }
    }
}
