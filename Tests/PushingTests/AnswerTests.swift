import Testing

@testable import Pushing

/// OpenTelemetry's rules for answers: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
@Suite struct AnswerTests {
    private func answer(
        _ status: Int, type: String? = nil, pause: Duration? = nil, body: [UInt8] = []
    ) -> PushAnswer {
        PushAnswer(status: status, contentType: type, pause: pause, body: body)
    }

    @Test(arguments: [429, 502, 503, 504]) func theseAreTriedAgain(_ status: Int) {
        guard case .later(let reason, let pause) = answer(status) else {
            Issue.record("\(status)")
            return
        }
        #expect(reason == "HTTP \(status)" && pause == nil)
        #expect(answer(status, pause: .seconds(7)) == .later("HTTP \(status)", after: .seconds(7)))
    }

    @Test(arguments: [
        100, 300, 301, 307, 308, 400, 401, 403, 404, 405, 408, 411, 415, 418, 431, 499, 500, 501, 505, 599,
    ])
    func theseAreNot(_ status: Int) {
        guard case .refused(let reason) = answer(status) else {
            Issue.record("\(status)")
            return
        }
        #expect(reason.hasPrefix("HTTP \(status)"))
    }

    @Test func othersAreAccepted() {
        #expect(answer(200) == .accepted(rejected: 0, "") && answer(204) == .accepted(rejected: 0, ""))
        #expect(answer(413) == .tooLarge)
        guard case .refused = answer(200, type: "text/html; charset=utf-8") else {
            Issue.record("a web page is no collector")
            return
        }
    }

    @Test(arguments: [
        ("application/x-protobuf", [0x0A, 0x06, 0x08, 0x96, 0x01, 0x12, 0x01, 0x78] as [UInt8]),
        ("application/json", Array(#"{"partialSuccess":{"rejectedDataPoints":"150","errorMessage":"x"}}"#.utf8)),
        ("application/json", Array(#"{"partialSuccess":{"rejectedDataPoints":150,"errorMessage":"x"}}"#.utf8)),
    ])
    func partialSuccess(_ type: String, _ body: [UInt8]) {
        #expect(answer(200, type: type, body: body) == .accepted(rejected: 150, "x"))
    }

    /// It was accepted; the rest is the collector's matter.
    @Test(arguments: [
        ("application/x-protobuf", [0xFF, 0xFF, 0xFF] as [UInt8]), ("application/json", [0x7B]),
        ("application/json", Array(#"{"partialSuccess":{"rejectedDataPoints":-1}}"#.utf8)),
        ("application/x-protobuf", [0x0A, 0x0B, 0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0]),
        ("text/plain", Array("ok".utf8)), ("application/json", Array(#"{"partialSuccess":null}"#.utf8)),
    ])
    func garbageIsAccepted(_ type: String, _ body: [UInt8]) {
        #expect(answer(200, type: type, body: body) == .accepted(rejected: 0, ""))
    }

    @Test func theReasonIsShownWithoutControlCharacters() {
        let json = Array(#"{"code":3,"message":"no \u001b[2J data"}"#.utf8)
        #expect(answer(400, type: "application/json", body: json) == .refused("HTTP 400: no \\u{1b}[2J data"))
        #expect(answer(400, body: [0x08, 3, 0x12, 2, 0x68, 0x69]) == .refused("HTTP 400: hi"))
        #expect(answer(503, body: Array("busy".utf8)) == .later("HTTP 503: busy", after: nil))
        // It would be a message, too.
        let long = answer(400, type: "text/plain", body: Array(repeating: UInt8(ascii: "x"), count: 5000))
        #expect(long == .refused("HTTP 400: " + String(repeating: "x", count: 200)))
    }
}

@Suite struct RetryPausesTests {
    @Test func theyGrowUpToAMinute() {
        var pauses = RetryPauses()
        #expect((0..<9).map { _ in pauses.next(asked: nil, chance: 1) } == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        for _ in 0..<100 { #expect(pauses.next(asked: nil, chance: 0) == 30) }
        pauses.succeed()
        #expect(pauses.next(asked: nil, chance: 0) == 0.5)
    }

    @Test func whatTheCollectorAsksForIsTheLeast() {
        var pauses = RetryPauses()
        #expect(pauses.next(asked: .seconds(20), chance: 0.25) == 20.25)
        #expect(pauses.next(asked: .zero, chance: 0) == 1)
        // Not for ever.
        #expect(pauses.next(asked: .seconds(4_000_000_000), chance: 0) == 3600)
    }

    /// Agents that failed at the same moment do not come back at the same moment.
    @Test func theyAreSpread() {
        let all = (0..<10).map { chance in
            var pauses = RetryPauses()
            return pauses.next(asked: .seconds(5), chance: Double(chance) / 10)
        }
        #expect(Set(all).count == 10 && all.allSatisfy { (5...6).contains($0) })
    }
}
