import Linux
import Snapshot
import Telemetry
import TestSupport
import Testing

@testable import Pushing

/// Against a collector that misbehaves: nothing that the queue can hold is lost, and nothing is sent twice that need not
/// be.
@Suite(.serialized) struct PushServiceTests {
    /// Every data point of these ticks arrived, each once, in their order, and no request was malformed.
    private func expect(_ collector: Collector, hasAccepted ticks: some Sequence<UInt64>) throws {
        let accepted = try collector.accepted
        #expect(accepted.flatMap(\.faults) == [])
        let expected = ticks.map { PushedNode.lines($0).sorted() }
        let found = accepted.map { $0.lines.sorted() }
        #expect(found.count == expected.count && found == expected)
    }

    @Test(arguments: [true, false], [true, false])
    func whatArrivesIsWhatTheSnapshotSays(_ isProtobuf: Bool, _ isCompressed: Bool) async throws {
        let collector = try Collector()
        let node = try PushedNode(collector.endpoint) { settings in
            settings.encoding.format = isProtobuf ? .protobuf : .json
            settings.compresses = isCompressed
            settings.headers = [.init("X-Scope-OrgID", "tenant 1")]
        }
        for tick in 1...3 { try await node.export(UInt64(tick)) }
        try await node.untilEmpty()
        try await node.stop()
        try expect(collector, hasAccepted: 1...3)
        let request = try #require(try collector.requests.first)
        #expect(request.path == "/v1/metrics" && request.headers["X-Scope-OrgID"] == "tenant 1")
        #expect(request.headers["Content-Type"] == (isProtobuf ? "application/x-protobuf" : "application/json"))
        #expect(request.headers["Content-Encoding"] == (isCompressed ? "gzip" : nil))
        #expect(request.headers["User-Agent"] == "energyd")
        let state = node.state.snapshot
        #expect(state.sentPoints == UInt64(request.points) * 3 && state.failures == 0 && state.droppedPoints == 0)
        #expect(state.lastError == nil && state.ageSeconds != nil)
    }

    /// What was refused within an accepted request is counted, and not sent again.
    @Test(arguments: [true, false]) func partialSuccess(_ isProtobuf: Bool) async throws {
        let collector = try Collector(#"{"partial": [5, "too old"]}, {"partial": [0, "be careful"]}, {}"#)
        let node = try PushedNode(collector.endpoint) { $0.encoding.format = isProtobuf ? .protobuf : .json }
        try await node.export(1)
        try await node.untilEmpty()
        #expect(node.state.snapshot.rejectedPoints == 5 && node.state.snapshot.lastError?.contains("too old") == true)
        try await node.export(2)
        try await node.until("the second is sent") { try collector.requests.count == 2 }
        try await node.stop()
        try expect(collector, hasAccepted: 1...2)
        #expect(node.state.snapshot.rejectedPoints == 5 && node.state.snapshot.failures == 0)
    }

    @Test(arguments: [429, 502, 503, 504]) func aBusyCollectorGetsItAgain(_ status: Int) async throws {
        let busy = #"{"status": \#(status), "message": "busy"}"#
        let collector = try Collector("\(busy), \(busy), {}")
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        try expect(collector, hasAccepted: [1])
        #expect(try collector.requests.map(\.status) == [status, status, 200])
        #expect(Set(try collector.requests.map(\.digest)).count == 1)
        let pauses = node.clock.pauses
        #expect(pauses.count == 2 && (0.5...1).contains(pauses[0]) && (1...2).contains(pauses[1]))
        #expect(node.state.snapshot.failures == 2 && node.state.snapshot.lastError == nil)
    }

    @Test func retryAfterIsHonoured() async throws {
        let collector = try Collector(
            #"{"status": 429, "headers": {"Retry-After": "30"}}, {"status": 503, "headers": {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}}, {"status": 503, "headers": {"Retry-After": "Fri, 31 Dec 2999 00:00:00 GMT"}}, {}"#
        )
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        try expect(collector, hasAccepted: [1])
        let pauses = node.clock.pauses
        #expect(pauses.count == 3 && (30...31).contains(pauses[0]) && (1...2).contains(pauses[1]))
        #expect((3600...3601).contains(pauses[2]))
    }

    @Test(arguments: [400, 401, 404, 500, 307]) func whatIsRefusedIsNotSentAgain(_ status: Int) async throws {
        let collector = try Collector(
            #"{"status": \#(status), "message": "no", "headers": {"Location": "http://127.0.0.1:1/"}}, {}"#)
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        try await node.untilEmpty()
        #expect(node.state.snapshot.lastError?.hasPrefix("HTTP \(status): no") == true)
        try await node.export(2)
        try await node.until("the second is sent") { try collector.requests.count == 2 }
        try await node.stop()
        try expect(collector, hasAccepted: [2])
        let state = node.state.snapshot
        #expect(state.rejectedPoints == state.sentPoints && state.failures == 1 && node.clock.pauses.isEmpty)
    }

    /// Halves, and halves of those, until they fit; each of them once.
    @Test(arguments: [true, false]) func whatIsTooLargeIsDivided(_ isProtobuf: Bool) async throws {
        let large = #"{"status": 413}"#
        let collector = try Collector(#"\#(large), \#(large), {}, {"status": 503}, {}, {}, {}"#)
        let node = try PushedNode(collector.endpoint) { settings in
            settings.encoding.format = isProtobuf ? .protobuf : .json
            settings.smallestRequest = 4 << 10
        }
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        let accepted = try collector.accepted
        #expect(accepted.count == 3 && accepted.flatMap(\.faults) == [])
        #expect(accepted.flatMap(\.lines).sorted() == PushedNode.lines(1).sorted())
        let state = node.state.snapshot
        #expect(state.sentPoints == UInt64(PushedNode.lines(1).count) && state.rejectedPoints == 0)
    }

    /// Later requests are smaller from the start.
    @Test func theSizeIsLearned() async throws {
        let collector = try Collector(#"{"limit": 16384}"#)
        let node = try PushedNode(collector.endpoint) { settings in
            settings.compresses = false
            settings.smallestRequest = 4 << 10
        }
        try await node.export(1)
        try await node.untilEmpty()
        let first = try collector.requests.count { $0.status == 413 }
        #expect(first >= 2)
        try await node.export(2)
        try await node.untilEmpty()
        try await node.stop()
        let lines = try collector.accepted.flatMap(\.lines)
        #expect(lines.sorted() == (PushedNode.lines(1) + PushedNode.lines(2)).sorted())
        // Parts of the second may be a little larger than was asked for.
        #expect(try collector.requests.count { $0.status == 413 } <= first + 2)
        #expect(node.state.snapshot.rejectedPoints == 0)
    }

    /// It gets a few requests and no flood, all of it is counted as lost, and the log has one line.
    @Test func aCollectorThatFindsEverythingTooLarge() async throws {
        let collector = try Collector(#"{"status": 413}"#)
        let node = try PushedNode(collector.endpoint) { $0.smallestRequest = 16 << 10 }
        let ticks: UInt64 = 3
        for tick in 1...ticks {
            try await node.export(tick)
            try await node.until("all is refused") {
                node.state.snapshot.rejectedPoints == tick * UInt64(PushedNode.lines(1).count)
            }
        }
        #expect(node.state.snapshot.queuedRequests == 0)
        try collector.answer("{}")
        try await node.export(ticks + 1)
        try await node.until("it is accepted") { node.state.snapshot.sentPoints > 0 }
        try await node.stop()
        #expect(try collector.requests.count { $0.status == 413 } <= Int(ticks) * 12)
        // In one piece again.
        #expect(try collector.accepted.map(\.points) == [PushedNode.lines(1).count])
        let lost = node.log.all.filter { $0.contains("which are lost") }
        #expect(lost.count == 1 && lost.first?.contains("413") == true, "\(lost)")
        #expect(node.log.count("accepts metrics again") == 1)
    }

    /// Whatever the errors are in their turn, the log has one line of the outage and one of its end.
    @Test func errorsThatAlternateAreLoggedOnce() async throws {
        let (busy, reset) = (#"{"status": 503}"#, #"{"reset": "after"}"#)
        let errors = (0..<6).map { $0 % 2 == 0 ? busy : reset }.joined(separator: ", ")
        let collector = try Collector(#"\#(errors), {"status": 400}, \#(busy), {"status": 400}, \#(busy), {}"#)
        let node = try PushedNode(collector.endpoint)
        for tick in 1...3 { try await node.export(UInt64(tick)) }
        try await node.untilEmpty()
        try await node.stop()
        #expect(try collector.accepted.count == 1 && node.state.snapshot.failures >= 7)
        #expect(node.log.count("could not be sent") == 1 && node.log.count("which are lost") == 1)
        #expect(node.log.count("accepts metrics again") == 1, "\(node.log.all)")
    }

    /// Before it was read: it is sent again. After it was read: that cannot be known, and it is sent again too.
    @Test(arguments: ["before", "after"]) func aResetConnection(_ when: String) async throws {
        let collector = try Collector(#"{"reset": "\#(when)"}, {"reset": "\#(when)"}, {}"#)
        let node = try PushedNode(collector.endpoint)
        for tick in 1...2 { try await node.export(UInt64(tick)) }
        try await node.untilEmpty()
        try await node.stop()
        try expect(collector, hasAccepted: 1...2)
        #expect(try collector.requests.count == 4)
    }

    /// The status says that it was accepted; what comes of the rest does not matter.
    @Test(arguments: [
        #"{"endless": true}"#, #"{"cut": true}"#, #"{"text": "\u0000\u0001garbage"}"#, #"{"status": 202}"#,
        #"{"stall": true}"#, #"{"status": 200, "text": "{", "headers": {"Content-Type": "application/json"}}"#,
    ])
    func whatWasAcceptedIsNotSentAgain(_ answer: String) async throws {
        let collector = try Collector("\(answer), {}")
        let node = try PushedNode(collector.endpoint) { $0.timeout = .seconds(2) }
        try await node.export(1)
        try await node.untilEmpty()
        try await node.export(2)
        try await node.until("the second is sent") { node.state.snapshot.queuedRequests == 0 }
        try await node.stop()
        try expect(collector, hasAccepted: 1...2)
        #expect(node.state.snapshot.failures == 0)
    }

    @Test func aSlowCollectorIsGivenUpInTime() async throws {
        let collector = try Collector(#"{"delay": 3}, {}"#)
        let node = try PushedNode(collector.endpoint) { $0.timeout = .milliseconds(300) }
        try await node.export(1)
        try await node.untilEmpty()
        #expect(node.clock.pauses.count >= 1 && node.state.snapshot.failures >= 1)
        try await node.stop()
    }

    /// All that came meanwhile follows, in its order.
    @Test func anOutage() async throws {
        let collector = try Collector(#"{"status": 503}"#)
        let node = try PushedNode(collector.endpoint)
        node.clock.hold()
        for tick in 1...10 { try await node.export(UInt64(tick)) }
        try await node.until("the first failed") { node.clock.isPausing }
        #expect(node.state.snapshot.queuedRequests == 10 && node.state.snapshot.queuedBytes > 10_000)
        collector.stop()
        node.clock.release()
        try await node.until("nothing listens") { node.state.view.lastError?.hasPrefix("HTTP") == false }
        node.clock.hold()
        try await node.until("it waits") { node.clock.isPausing }
        try collector.answer("{}")
        try collector.restart()
        node.clock.release()
        try await node.untilEmpty()
        try await node.stop()
        try expect(collector, hasAccepted: 1...10)
        #expect(node.state.snapshot.droppedPoints == 0 && node.state.snapshot.rejectedPoints == 0)
    }

    /// More than the queue can hold: the oldest are dropped, and counted.
    @Test func aLongOutage() async throws {
        let collector = try Collector(#"{"status": 503}, {}"#)
        let node = try PushedNode(collector.endpoint) { settings in
            settings.compresses = false
            settings.memoryLimit = 1 << 20
        }
        node.clock.hold()
        let ticks: UInt64 = 30
        for tick in 1...ticks { try await node.export(tick) }
        try await node.until("the first failed") { node.clock.isPausing }
        let held = node.state.snapshot.queuedRequests
        #expect(held < ticks && node.state.snapshot.queuedBytes <= 1 << 20)
        node.clock.release()
        try await node.untilEmpty()
        try await node.stop()
        // The first was on its way.
        try expect(collector, hasAccepted: [1] + Array((ticks - held + 1)...ticks))
        let points = UInt64(PushedNode.lines(1).count)
        #expect(node.state.snapshot.droppedPoints == (ticks - held - 1) * points)
    }
}
