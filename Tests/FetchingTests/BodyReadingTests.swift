import NIOCore
import TestSupport
import Testing

@testable import Fetching

/// A body whose pieces take time on a clock of the test's.
private struct ScriptedBody: AsyncSequence {
    struct Broken: Error {}

    struct AsyncIterator: AsyncIteratorProtocol {
        var pieces: [(after: Duration, text: String)]
        let clock: VirtualClock
        let breaks: Bool

        mutating func next() async throws -> ByteBuffer? {
            guard !pieces.isEmpty else {
                if breaks { throw Broken() }
                return nil
            }
            let piece = pieces.removeFirst()
            clock.advance(by: piece.after)
            return ByteBuffer(string: piece.text)
        }
    }

    var pieces: [(after: Duration, text: String)]
    let clock: VirtualClock
    var breaks = false

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: pieces, clock: clock, breaks: breaks) }
}

@Suite struct BodyReadingTests {
    private let clock = VirtualClock(sleeps: 0)

    private func read(
        _ pieces: [(after: Duration, text: String)], bytes: Int = 100, breaks: Bool = false
    ) async throws -> String {
        let body = ScriptedBody(pieces: pieces, clock: clock, breaks: breaks)
        var text = ""
        try await readBody(
            body, limits: BodyLimits(total: .seconds(10), bytes: bytes), elapsed: stopwatch(clock),
            words: { _ in FetchFailure(.closed, "broken") }, take: { text += String(buffer: $0) })
        return text
    }

    @Test func whatComesInTimeIsPassedOn() async throws {
        #expect(try await read([(.seconds(4), "ab"), (.seconds(6), "c")]) == "abc")
        #expect(try await read([]) == "")
    }

    /// Each piece comes soon after the one before, and the whole takes too long.
    @Test func aBodyThatTricklesEnds() async throws {
        let failure = await #expect(throws: FetchFailure.self) {
            try await read(
                [(after: Duration, text: String)](repeating: (.seconds(3), "x"), count: 1000), bytes: 1 << 20)
        }
        #expect(failure?.code == .timedOut && failure?.description == "its answer was not complete after 10 s")
        #expect(clock.now.offset == .seconds(12))
    }

    @Test func aBodyThatIsTooLargeEnds() async throws {
        #expect(try await read([(.zero, String(repeating: "x", count: 100))]).count == 100)
        let failure = await #expect(throws: FetchFailure.self) {
            try await read([(.zero, String(repeating: "x", count: 90)), (.zero, String(repeating: "x", count: 11))])
        }
        #expect(failure?.code == .tooLarge && failure?.description == "its answer is larger than 100 bytes")
    }

    @Test func errorsOfTheBodyArePutIntoWords() async throws {
        let failure = await #expect(throws: FetchFailure.self) { try await read([(.zero, "ab")], breaks: true) }
        #expect(failure?.description == "broken")
    }

    /// What the reader of the pieces throws is its own.
    @Test func errorsOfTheReaderPass() async throws {
        let body = ScriptedBody(pieces: [(.zero, "ab")], clock: clock)
        await #expect(throws: ScriptedBody.Broken.self) {
            try await readBody(
                body, limits: BodyLimits(total: .seconds(1), bytes: 10), elapsed: stopwatch(clock),
                words: { _ in FetchFailure(.closed, "broken") }, take: { _ in throw ScriptedBody.Broken() })
        }
    }

    /// A cancelled body looks complete.
    @Test func aCancelledBodyIsNotComplete() async throws {
        let clock = clock
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await readBody(
                ScriptedBody(pieces: [], clock: clock), limits: BodyLimits(total: .seconds(1), bytes: 10),
                elapsed: { .zero }, words: { $0 }, take: { _ in })
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(arguments: [(15.0, "15 s"), (0.5, "0.5 s"), (300, "300 s")])
    func timesInWords(_ seconds: Double, _ words: String) {
        #expect(Duration.seconds(seconds).inWords == words)
    }

    @Test(arguments: [(1 << 20, "1 MiB"), (64 << 20, "64 MiB"), (2048, "2 KiB"), (1000, "1000 bytes")])
    func sizesInWords(_ bytes: Int, _ words: String) {
        #expect(sizeInWords(bytes) == words)
    }
}
