import NIOHTTP1
import Testing

@testable import Agent

@Suite struct HeadCheckTests {
    private func corrected(_ version: HTTPVersion, _ headers: [(String, String)]) -> HTTPHeaders {
        var head = HTTPRequestHead(version: version, method: .GET, uri: "/metrics", headers: HTTPHeaders(headers))
        HeadCheck.correct(&head)
        return head.headers
    }

    @Test func exactlyOneHostIsAsked() {
        #expect(corrected(.http1_1, [("Host", "a")]) == [("Host", "a")].headers)
        for headers in [[], [("Host", "a"), ("host", "a")], [("Host", "a"), ("Host", "b")]] {
            let result = corrected(.http1_1, headers)
            #expect(result["host"] == [HeadCheck.refusedHost] && result["connection"] == ["close"])
        }
    }

    /// As energyctl asks through the socket.
    @Test func theLocalSocketHasNoHostToName() {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/metrics")
        HeadCheck.correct(&head, needsHost: false)
        #expect(head.headers.isEmpty)
    }

    @Test func anOldClientsConnectionEndsUnlessItAsks() {
        #expect(corrected(.http1_0, [])["connection"] == ["close"])
        #expect(corrected(.http1_0, [("Connection", "Keep-Alive")])["connection"] == ["Keep-Alive"])
        #expect(corrected(.http1_1, [("Host", "a"), ("Connection", "TE, Close")])["connection"] == ["close"])
    }
}

extension [(String, String)] {
    fileprivate var headers: HTTPHeaders { HTTPHeaders(self) }
}
