import Linux
import Snapshot
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Pushing

/// Start and end of the agent, and what is renewed meanwhile.
@Suite(.serialized) struct LifeTests {
    private func sorted(_ lines: [[String]]) -> [[String]] { lines.map { $0.sorted() } }

    /// The figures of the end are sent, and nothing twice.
    @Test func theLastFiguresAreSentAtTheEnd() async throws {
        let collector = try Collector()
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        node.publish(2)
        try await node.stop()
        #expect(sorted(try collector.accepted.map(\.lines)) == sorted([1, 2].map { PushedNode.lines($0) }))
        #expect(try collector.requests.count == 2 && node.state.snapshot.queuedRequests == 0)
    }

    /// A request that is on its way at that moment is not broken off, and not sent a second time.
    @Test func whatIsOnItsWayArrivesOnce() async throws {
        let collector = try Collector(#"{"delay": 0.4}, {}"#)
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        try await node.until("it is on its way") { collector.arrived == [0] }
        // Not answered before the end begins.
        #expect(node.state.snapshot.sentPoints == 0 && node.state.snapshot.queuedRequests == 1)
        try await node.stop()
        #expect(try collector.requests.map(\.status) == [200] && collector.arrived == [0])
        // And its answer was waited for.
        #expect(node.state.snapshot.sentPoints == UInt64(PushedNode.lines(1).count))
        #expect(node.state.snapshot.failures == 0 && node.state.snapshot.queuedRequests == 0)
    }

    /// It does not keep the agent.
    @Test func aCollectorThatHangsDoesNotDelayTheEnd() async throws {
        let collector = try Collector(#"{"delay": 20}"#)
        let node = try PushedNode(collector.endpoint)
        try await node.export(1)
        let clock = ContinuousClock()
        let start = clock.now
        try await node.stop()
        #expect(clock.now - start < .seconds(10))
        #expect(node.state.snapshot.queuedRequests == 1 && node.state.snapshot.failures == 0)
    }

    /// A pause ends with the agent: the collector may be back.
    @Test func itIsTriedOnceMoreAtTheEnd() async throws {
        let collector = try Collector(#"{"status": 503}, {}"#)
        let node = try PushedNode(collector.endpoint)
        node.clock.hold()
        try await node.export(1)
        try await node.until("it waits") { node.clock.isPausing }
        try await node.stop()
        #expect(try collector.accepted.map { $0.lines.sorted() } == [PushedNode.lines(1).sorted()])
    }

    /// A collector that asked for patience gets it.
    @Test func notWhereTheCollectorAskedToWait() async throws {
        let collector = try Collector(#"{"status": 429, "headers": {"Retry-After": "60"}}, {}"#)
        let node = try PushedNode(collector.endpoint)
        node.clock.hold()
        try await node.export(1)
        try await node.until("it waits") { node.clock.isPausing }
        try await node.stop()
        #expect(try collector.requests.count == 1 && node.state.snapshot.queuedRequests == 1)
    }

    /// An outage over a restart of the agent: everything arrives, once, in its order.
    @Test(arguments: [true, false]) func aQueueOnDiskSurvivesARestart(_ isProtobuf: Bool) async throws {
        let directory = try TemporaryDirectory()
        let collector = try Collector(#"{"status": 503}"#)
        func node() throws -> PushedNode {
            try PushedNode(collector.endpoint) { settings in
                settings.queueDirectory = directory.path + "/queue"
                settings.encoding.format = isProtobuf ? .protobuf : .json
            }
        }
        let first = try node()
        first.clock.hold()
        for tick in 1...3 { try await first.export(UInt64(tick)) }
        try await first.stop()
        #expect(try listDirectory(directory.path + "/queue").count == 3)
        let second = try node()
        second.clock.hold()
        for tick in 4...5 { try await second.export(UInt64(tick)) }
        try await second.until("it waits") { second.clock.isPausing }
        #expect(second.state.snapshot.queuedRequests == 5)
        try collector.answer("{}")
        second.clock.release()
        try await second.untilEmpty()
        try await second.stop()
        #expect(sorted(try collector.accepted.map(\.lines)) == sorted((1...5).map { PushedNode.lines(UInt64($0)) }))
        #expect(try collector.accepted.flatMap(\.faults) == [] && listDirectory(directory.path + "/queue").isEmpty)
    }

    /// The same while nothing new is measured.
    @Test func whatWaitsIsSentAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        let collector = try Collector(#"{"status": 503}"#)
        let first = try PushedNode(collector.endpoint) { $0.queueDirectory = directory.path }
        first.clock.hold()
        try await first.export(1)
        try await first.stop()
        try collector.answer("{}")
        let second = try PushedNode(collector.endpoint) { $0.queueDirectory = directory.path }
        try await second.untilEmpty()
        second.publish(0)
        try await second.stop()
        #expect(try collector.accepted.first?.lines.sorted() == PushedNode.lines(1).sorted())
    }

    /// What was accepted of a request that had to be divided is not sent again.
    @Test(arguments: [true, false]) func aRestartInTheMiddleOfADivision(_ isCompressed: Bool) async throws {
        let directory = try TemporaryDirectory()
        // The whole and its first half are too large; the first quarter is accepted, and then it is busy.
        let collector = try Collector(#"{"status": 413}, {"status": 413}, {}, {"status": 503}"#)
        func node() throws -> PushedNode {
            try PushedNode(collector.endpoint) { settings in
                settings.queueDirectory = directory.path
                settings.compresses = isCompressed
                settings.smallestRequest = 4 << 10
            }
        }
        let first = try node()
        first.clock.hold()
        try await first.export(1)
        try await first.until("it waits") { first.clock.isPausing }
        try await first.stop()
        #expect(first.state.snapshot.queuedRequests == 2)
        try collector.answer("{}")
        let second = try node()
        try await second.untilEmpty()
        try await second.stop()
        let lines = PushedNode.lines(1)
        #expect(try collector.accepted.flatMap(\.lines).sorted() == lines.sorted() && collector.accepted.count == 3)
        // The whole was sent once, and each half: they may have as many data points.
        #expect(try collector.requests.count { $0.points == lines.count } == 1)
        #expect(try collector.requests.count { abs($0.points - lines.count / 2) <= 1 } == 2)
        #expect(try listDirectory(directory.path).isEmpty)
    }

    /// A file system that hangs keeps a thread and nothing else: neither ticks nor the end of the agent.
    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func aFileSystemThatHangsDoesNotDelayTheEnd(_ hangsAtOnce: Bool) async throws {
        let directory = try TemporaryDirectory()
        let collector = try Collector(#"{"status": 503}"#)
        let gate = try Gate(isOpen: !hangsAtOnce)
        defer { gate.open() }
        var files = PushFiles()
        files.silence = { _ in
            gate.pass()
            return nil
        }
        let node = try PushedNode(collector.endpoint, files: files) { $0.queueDirectory = directory.path }
        if hangsAtOnce {
            node.publish(1)
        } else {
            node.clock.hold()
            try await node.export(1)
            try await node.until("it waits") { node.clock.isPausing }
            gate.close()
            node.publish(2)
            node.clock.tick()
        }
        try await node.until("it hangs") { gate.isHolding }
        try await node.stop()
        #expect(gate.isHolding)
    }

    /// One that does not answer for a while: memory in its place, and everything arrives in its order.
    @Test func aFileSystemThatDoesNotAnswer() async throws {
        let directory = try TemporaryDirectory()
        let collector = try Collector(#"{"status": 503}"#)
        let isSilent = Mutex(true)
        var files = PushFiles()
        files.silence = { path in
            isSilent.withLock(\.self) ? HostError(code: .other(110), path: path, detail: "does not answer") : nil
        }
        let node = try PushedNode(collector.endpoint, files: files) { $0.queueDirectory = directory.path + "/queue" }
        node.clock.hold()
        for tick in 1...3 { try await node.export(UInt64(tick)) }
        try await node.until("it waits") { node.clock.isPausing }
        #expect(node.state.snapshot.queuedRequests == 3 && !fileExists(directory.path + "/queue"))
        isSilent.withLock { $0 = false }
        try await node.export(4)
        // All but the one that is being sent.
        #expect(try listDirectory(directory.path + "/queue").count == 3)
        #expect(node.log.count("cannot be used") == 1 && node.log.count("can be used again") == 1)
        #expect(node.log.all.contains { $0.contains("does not answer") })
        try collector.answer("{}")
        node.clock.release()
        try await node.untilEmpty()
        try await node.stop()
        #expect(sorted(try collector.accepted.map(\.lines)) == sorted((1...4).map { PushedNode.lines(UInt64($0)) }))
        #expect(node.log.count("--otlp.queue") == 2 && node.state.snapshot.droppedPoints == 0)
    }

    // MARK: TLS and credentials

    @Test func tlsWithAnAuthorityOfItsOwn() async throws {
        let collector = try Collector(security: .tls)
        let node = try PushedNode(collector.endpoint) { $0.authorityFile = collector.directory.path + "/ca.pem" }
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        #expect(try collector.accepted.count == 1)
    }

    /// An authority that is not known: nothing is sent, and nothing is lost; the file is read again.
    @Test func aCertificateThatIsReplaced() async throws {
        let collector = try Collector(security: .tls)
        let authority = try TemporaryDirectory()
        try Collector.makeAuthority(authority.path)
        let node = try PushedNode(collector.endpoint) { $0.authorityFile = authority.path + "/ca.pem" }
        node.clock.hold()
        try await node.export(1)
        try await node.until("it is refused") { node.clock.isPausing }
        #expect(try collector.requests.isEmpty && node.state.view.lastError?.contains("certificate") == true)
        try replaceFile(authority.path + "/ca.pem", try readText(collector.directory.path + "/ca.pem"))
        node.clock.release()
        try await node.untilEmpty()
        // The collector gets a new certificate of a new authority while the connection to it is kept.
        try Collector.makeAuthority(collector.directory.path)
        try Collector.makeCertificate(collector.directory.path, "cert", of: "127.0.0.1")
        collector.stop()
        try collector.restart()
        node.clock.hold()
        try await node.export(2)
        try await node.until("it is refused again") { node.clock.isPausing }
        try replaceFile(authority.path + "/ca.pem", try readText(collector.directory.path + "/ca.pem"))
        node.clock.release()
        try await node.until("the second is sent") { try collector.accepted.count == 2 }
        try await node.stop()
        #expect(try sorted(collector.accepted.map(\.lines)) == sorted([1, 2].map { PushedNode.lines($0) }))
    }

    @Test func aCollectorThatAsksForACertificate() async throws {
        let collector = try Collector(security: .mtls)
        let path = collector.directory.path
        let stranger = try PushedNode(collector.endpoint) { $0.authorityFile = path + "/ca.pem" }
        stranger.clock.hold()
        try await stranger.export(1)
        try await stranger.until("it is refused") { stranger.clock.isPausing }
        try await stranger.stop()
        #expect(try collector.requests.isEmpty)
        try Collector.makeCertificate(path, "agent", of: "127.0.0.1")
        let node = try PushedNode(collector.endpoint) { settings in
            settings.authorityFile = path + "/ca.pem"
            settings.certificateFile = path + "/agent.pem"
            settings.keyFile = path + "/agent-key.pem"
        }
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        #expect(try collector.accepted.count == 1)
    }

    /// Read before every request: a token that was renewed counts at once, and one that is missing is waited for.
    @Test func aTokenThatIsRenewed() async throws {
        let collector = try Collector()
        let node = try PushedNode(collector.endpoint) { $0.headersFile = collector.directory.path + "/headers" }
        node.clock.hold()
        try await node.export(1)
        try await node.until("the file is missing") { node.clock.isPausing }
        #expect(try collector.requests.isEmpty)
        try collector.directory.write("# token\nAuthorization: Bearer first\n", to: "headers")
        node.clock.release()
        try await node.untilEmpty()
        try collector.directory.write("Authorization: Bearer second\nX-A=b\n", to: "headers")
        try await node.export(2)
        try await node.until("the second is sent") { try collector.requests.count == 2 }
        try await node.stop()
        #expect(try collector.accepted.map { $0.headers["Authorization"] } == ["Bearer first", "Bearer second"])
        #expect(try collector.accepted.last?.headers["X-A"] == "b")
    }

    /// What is shown has no secret in it.
    @Test func noSecretIsShown() async throws {
        let collector = try Collector(#"{"status": 401, "message": "no"}"#)
        let node = try PushedNode(collector.endpoint + "?key=s3cret") { settings in
            settings.headers = [.init("api-key", "s3cret")]
        }
        try await node.export(1)
        try await node.untilEmpty()
        try await node.stop()
        #expect(try collector.requests.first?.path == "/v1/metrics?key=s3cret")
        #expect(!"\(node.state.snapshot)".contains("s3cret") && node.state.snapshot.target == collector.endpoint)
    }
}
