import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import Agent

@Suite struct HeadRulesTests {
    private func corrected(
        _ version: HTTPVersion, _ headers: [(String, String)], needsHost: Bool = true
    ) -> (headers: HTTPHeaders, refusal: Refusal?) {
        var head = HTTPRequestHead(version: version, method: .GET, uri: "/metrics", headers: HTTPHeaders(headers))
        let refusal = HeadRules(needsHost: needsHost).correct(&head)
        return (head.headers, refusal)
    }

    @Test func exactlyOneHostIsAsked() {
        #expect(corrected(.http1_1, [("Host", "a")]) == ([("Host", "a")].headers, nil))
        for headers in [[], [("Host", "a"), ("host", "a")], [("Host", "a"), ("Host", "b")]] {
            #expect(corrected(.http1_1, headers).refusal == .ambiguousHost)
        }
    }

    /// As energyctl asks through the socket.
    @Test func theLocalSocketHasNoHostToName() {
        #expect(corrected(.http1_1, [], needsHost: false).refusal == nil)
    }

    @Test func anOldClientsConnectionEndsUnlessItAsks() {
        #expect(corrected(.http1_0, []).headers["connection"] == ["close"])
        #expect(corrected(.http1_0, [("Connection", "Keep-Alive")]).headers["connection"] == ["Keep-Alive"])
        #expect(corrected(.http1_1, [("Host", "a"), ("Connection", "TE, Close")]).headers["connection"] == ["close"])
    }

    @Test func noClientCanSayWhatOnlyTheCheckSays() {
        #expect(corrected(.http1_1, [("Host", Refusal.timeout.authority)]).refusal == .ambiguousHost)
        for refusal in Refusal.allCases { #expect(Refusal(authority: refusal.authority) == refusal) }
        #expect(Refusal(authority: "localhost") == nil && Refusal(authority: nil) == nil)
    }
}

/// A connection's requests, with a clock that is set by hand.
@Suite struct HeadCheckTests {
    private let channel = EmbeddedChannel()
    private let marks = Marks()

    /// What the check says of a connection: whether it carries a stream.
    private final class Marks: Sendable {
        let values = Mutex<[Bool]>([])
    }

    init() throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: {
                var limits = NIOHTTPDecoderLimitConfiguration()
                limits.maxHeaderFieldSize = HeadCheck.largestHead
                limits.maxHeaderListSize = HeadCheck.largestHead
                limits.maxHeaderFieldCount = HeadCheck.mostHeaders
                return limits
            }())
        try pipeline.addHandler(
            HeadCheck.Installer(
                rules: HeadRules(), onStream: { [marks] _, isStream in marks.values.withLock { $0.append(isStream) } }))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    /// Heads that came through, refused or not.
    private func heads() throws -> [HTTPRequestHead] {
        var heads: [HTTPRequestHead] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            if case .head(let head) = part { heads.append(head) }
        }
        return heads
    }

    private func refusals() throws -> [Refusal] {
        try heads().compactMap { Refusal(authority: $0.headers["host"].first) }
    }

    private func answer(_ type: String = "text/plain", isWhole: Bool = true) throws {
        let headers = HTTPHeaders([("content-type", type)] + (isWhole ? [("content-length", "0")] : []))
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        if isWhole { try end() }
    }

    private func end() throws { try channel.writeOutbound(HTTPServerResponsePart.end(nil)) }

    private let request = "GET /metrics HTTP/1.1\r\nHost: a\r\n"

    @Test func pipelinedRequestsComeThrough() throws {
        try send("\(request)\r\n\(request)Content-Length: 3\r\n\r\nabc\(request)\r\n")
        let heads = try heads()
        #expect(heads.count == 3 && heads.allSatisfy { Refusal(authority: $0.headers["host"].first) == nil })
        // What nothing reads is not announced either.
        #expect(heads.allSatisfy { !$0.headers.contains(name: "content-length") })
    }

    @Test func aRequestIsHeldBackUntilItsBodyHasCome() throws {
        try send("\(request)Content-Length: 3\r\n\r\nab")
        #expect(try heads().isEmpty)
        try send("c")
        #expect(try heads().count == 1)
    }

    @Test func aLargeBodyIsRefusedWhetherItsSizeIsSaidOrNot() throws {
        try send("\(request)Transfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<20 { try send("2000\r\n\(String(repeating: "x", count: 0x2000))\r\n") }
        #expect(try refusals() == [.bodyTooLarge])
        // And nothing after it is looked at.
        try send("0\r\n\r\n\(request)\r\n")
        #expect(try heads().isEmpty)
    }

    @Test func aClientThatAsksBeforeItSendsABodyGetsItsAnswer() throws {
        try send("\(request)Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n")
        let heads = try heads()
        #expect(heads.count == 1 && heads[0].headers["connection"] == ["close"] && heads[0].headers["host"] == ["a"])
    }

    @Test func otherExpectationsFail() throws {
        try send("\(request)Expect: miracles\r\n\r\n")
        #expect(try refusals() == [.unknownExpectation])
    }

    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 10_000)) HTTP/1.1\r\nHost: a\r\n\r\n", Refusal.uriTooLong),
        ("GET /\(String(repeating: "a", count: 100_000))", .uriTooLong),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 100_000))", .headTooLarge),
        ("GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 200))\r\n", .headTooLarge),
        ("NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("GET / HTTP/3.7\r\nHost: a\r\n\r\n", .unknownVersion),
        ("\u{16}\u{3}\u{1}\u{2}", .unknownMethod), ("GET / HTTP/1.1\r\nHost a\r\n\r\n", .malformed),
    ]) func whatCannotBeReadIsRefused(_ text: String, _ refusal: Refusal) throws {
        try? send(text)
        #expect(try refusals() == [refusal])
    }

    @Test func aHeadThatTakesTooLongIsRefused() throws {
        try send("GET /metrics HTTP/1.1\r\nHo")
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.readTimeout - .milliseconds(1))
        try send("s")
        #expect(try refusals() == [])
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(try refusals() == [.timeout])
        #expect(channel.isActive)
        try answer()
        // The last answer says that it is.
        let head = try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0).lowercased() }
        #expect(head?.contains("\r\nconnection: close\r\n") == true)
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.lingerTime)
        #expect(!channel.isActive)
    }

    @Test func aBodyThatTakesTooLongIsRefusedToo() throws {
        try send("\(request)Content-Length: 3\r\n\r\n")
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.readTimeout)
        #expect(try refusals() == [.timeout])
    }

    /// A connection counts as a stream from the head of such an answer to its end, and not before or after.
    @Test func streamsAreMarked() throws {
        try send("\(request)\r\n\(request)\r\n\(request)\r\n")
        try answer()
        #expect(marks.values.withLock(\.self) == [])
        try answer(MediaType.events, isWhole: false)
        #expect(marks.values.withLock(\.self) == [true])
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.idleTimeout * 10)
        #expect(channel.isActive)
        try end()
        #expect(marks.values.withLock(\.self) == [true, false])
        try answer()
        #expect(marks.values.withLock(\.self) == [true, false])
        // Then it may be idle for as long as others.
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.idleTimeout)
        #expect(!channel.isActive)
    }

    @Test func anIdleConnectionIsClosed() throws {
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.idleTimeout)
        #expect(!channel.isActive)
    }

    /// An answer may take as long as its client needs.
    @Test func aConnectionThatWaitsForItsAnswerIsNotIdle() throws {
        try send("\(request)\r\n")
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.idleTimeout * 10)
        #expect(channel.isActive)
        try answer()
        channel.embeddedEventLoop.advanceTime(by: HeadCheck.idleTimeout - .milliseconds(1))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }
}

extension [(String, String)] {
    fileprivate var headers: HTTPHeaders { HTTPHeaders(self) }
}
