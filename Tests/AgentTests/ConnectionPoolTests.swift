import Logging
import NIOCore
import NIOEmbedded
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// Which connection goes when there are too many, with a clock that is set by hand.
@Suite struct ConnectionPoolTests {
    private let pool: ConnectionPool
    private let seconds: Moment

    private final class Moment: Sendable {
        let value = Mutex<UInt64>(0)
    }

    init() {
        let seconds = Moment()
        self.seconds = seconds
        pool = ConnectionPool(limit: 2, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })) {
            .uptimeNanoseconds(seconds.value.withLock(\.self) * 1_000_000_000)
        }
    }

    /// Never closes, as TLS does not while it waits for the client.
    private final class Stubborn: ChannelOutboundHandler {
        typealias OutboundIn = NIOAny
        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {}
    }

    /// A second after what was before.
    private func connect(_ first: (any ChannelHandler)? = nil) throws -> EmbeddedChannel {
        pass()
        let channel = EmbeddedChannel()
        if let first { try channel.pipeline.syncOperations.addHandler(first) }
        try channel.pipeline.syncOperations.addHandler(pool.makeHandler())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private func pass() { seconds.value.withLock { $0 += 1 } }

    private func end(_ channel: EmbeddedChannel) { _ = try? channel.finish(acceptAlreadyClosed: true) }

    @Test func theLongestIdleOneIsClosedForANewOne() throws {
        let (first, second) = (try connect(), try connect())
        #expect(pool.closed == 0)
        pass()
        try first.writeInbound(ByteBuffer(string: "GET"))
        let third = try connect()
        #expect(first.isActive && !second.isActive && third.isActive && pool.closed == 1)
        [first, second, third].forEach(end)
    }

    @Test func oneThatEndsMakesRoom() throws {
        let (first, second) = (try connect(), try connect())
        end(first)
        let third = try connect()
        #expect(second.isActive && third.isActive && pool.closed == 0)
        [second, third].forEach(end)
    }

    /// A client that reads its answer is the last to go, however long it takes.
    @Test func answersInProgressGoLast() throws {
        let (first, second) = (try connect(), try connect())
        first.write(ByteBuffer(string: "a body"), promise: nil)
        pass()
        try second.writeInbound(ByteBuffer(string: "GET"))
        let third = try connect()
        #expect(first.isActive && !second.isActive)
        third.write(ByteBuffer(string: "a body"), promise: nil)
        let fourth = try connect()
        // But there is always room for a new one.
        #expect(!first.isActive && third.isActive && fourth.isActive)
        [first, second, third, fourth].forEach(end)
    }

    @Test func streamsNeitherCountNorGo() throws {
        let stream = try connect()
        pool.mark(stream, isStream: true)
        pool.mark(stream, isStream: true)
        let (first, second) = (try connect(), try connect())
        #expect(pool.closed == 0)
        let third = try connect()
        #expect(stream.isActive && !first.isActive && second.isActive && third.isActive)
        // Once it has ended, the connection is one like any other.
        pool.mark(stream, isStream: false)
        let fourth = try connect()
        #expect(!stream.isActive && pool.closed == 2)
        [stream, first, second, third, fourth].forEach(end)
    }

    @Test func aStreamThatEndsWithItsConnectionIsForgotten() throws {
        let stream = try connect()
        pool.mark(stream, isStream: true)
        end(stream)
        let (first, second, third) = (try connect(), try connect(), try connect())
        #expect(!first.isActive && second.isActive && third.isActive && pool.closed == 1)
        [first, second, third].forEach(end)
    }

    @Test(arguments: [(false, Int64(5)), (true, 30)]) func aClientThatTakesNothingIsClosed(
        _ isStream: Bool, _ limit: Int64
    ) throws {
        let channel = try connect()
        pool.mark(channel, isStream: isStream)
        channel.write(ByteBuffer(string: "a piece"), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(limit) - .milliseconds(1))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
        end(channel)
    }

    @Test func aClientThatTakesItsAnswerStays() throws {
        let channel = try connect()
        try channel.writeOutbound(ByteBuffer(string: "a piece"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
        end(channel)
    }

    @Test func whoHasLeftIsKnown() throws {
        let channel = try connect()
        #expect(!pool.hasLeft(channel))
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pool.hasLeft(channel))
        let other = try connect()
        #expect(!pool.hasLeft(other))
        end(other)
        #expect(pool.hasLeft(other))
        end(channel)
    }

    @Test func whatIsClosingCountsUntilItHasEnded() throws {
        var channels: [EmbeddedChannel] = []
        for number in 1...4 {
            channels.append(try connect(Stubborn()))
            #expect(pool.count == number)
        }
        // Another one for each, never the same again.
        #expect(pool.closed == 2)
        for channel in channels { channel.pipeline.fireChannelInactive() }
        #expect(pool.count == 0)
        withExtendedLifetime(channels) {}
    }

    /// A client that does not answer the goodbye of TLS takes no place of others meanwhile.
    @Test func oneThatMakesRoomEndsAtOnce() throws {
        let directory = try TemporaryDirectory()
        let (code, output) = try Child.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=a", "-keyout", "\(directory.path)/a.key", "-out", "\(directory.path)/a.pem",
        ])
        try #require(code == 0, "\(output)")
        var tls = WebConfig.TLS()
        (tls.certificateFile, tls.keyFile) = (directory.path + "/a.pem", directory.path + "/a.key")
        let context = try ServerIdentity(tls).context
        #expect(context.configuration.shutdownTimeout == .milliseconds(200))
        var channels: [EmbeddedChannel] = []
        for _ in 1...3 {
            channels.append(try connect(NIOSSLServerHandler(context: context)))
        }
        #expect(channels.map(\.isActive) == [false, true, true])
        #expect(pool.count == 2 && pool.closed == 1)
        pool.endAll()
        #expect(pool.count == 0 && channels.allSatisfy { !$0.isActive })
    }
}
