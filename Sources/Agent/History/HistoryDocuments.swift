internal import Engine
internal import Formatting
internal import History
internal import Hummingbird
internal import Linux
internal import NIOCore
internal import Querying
internal import ServiceLifecycle
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// Answers questions about the past, from the store, on a thread of its own. As a service it ends those that are under way
/// when the agent ends.
final class HistoryDocuments: Service {
    private struct State {
        /// Questions that wait, are answered, or whose answers are being sent.
        var questions = 0
        var hasEnded = false
    }

    /// One of the questions; over when nothing refers to it any more.
    private final class Question: Sendable {
        private let documents: HistoryDocuments
        init(_ documents: HistoryDocuments) { self.documents = documents }
        deinit { documents.state.withLock { $0.questions -= 1 } }
    }

    private let path: String
    private let node: String
    private let thread: WorkThread
    private let state = Mutex(State())

    /// Questions at a time: each may read all that the store has, which takes seconds, and its answer takes memory until it
    /// is sent.
    static let mostQuestions = 4
    /// Figures of an answer: 4 MB of JSON.
    static let mostFigures = 250_000
    /// How long one may take.
    private static let limit = Duration.seconds(20)

    /// Throws where the kernel has no thread to give.
    init(path: String, node: String) throws(HostError) {
        self.path = path
        self.node = node
        thread = try WorkThread()
        thread.yieldToOthers()
    }

    func run() async throws {
        try? await gracefulShutdown()
        end()
    }

    /// Ends the question that is being answered; there are no more answers.
    func end() { state.withLock { $0.hasEnded = true } }

    /// What there is, or what went wrong.
    func answer(_ query: HistoryQuery, to request: Request) async -> Response {
        let path = request.uri.path
        guard let question = begin() else {
            return Problem(
                .serviceUnavailable,
                cause: "\(Self.mostQuestions) questions about the past are being answered",
                remedy: "try again"
            ).responseWithRetry(to: path)
        }
        let isCompressed = AcceptHeader(request.headers[.acceptEncoding]).takes(coding: "gzip")
        let result = await withCheckedContinuation { continuation in
            thread.run { [self] in
                continuation.resume(returning: Result { try document(query, isCompressed: isCompressed) })
            }
        }
        switch result {
        case .success(let document):
            var headers: HTTPFields = [
                .contentType: MediaType.json, .cacheControl: "no-store", .vary: "Accept-Encoding",
            ]
            if isCompressed { headers[.contentEncoding] = "gzip" }
            return Response(status: .ok, headers: headers, body: Self.body(document, of: question))
        case .failure(let error):
            return refusal(error, to: path)
        }
    }

    /// Of an agent that keeps none.
    static func none(_ path: String) -> Response {
        Problem(
            .notFound, cause: "this agent keeps no history", remedy: "start it with --history.path FILE"
        ).response(to: path)
    }

    /// nil where there are too many.
    private func begin() -> Question? {
        let isFull = state.withLock { state in
            if state.questions >= Self.mostQuestions { return true }
            state.questions += 1
            return false
        }
        return isFull ? nil : Question(self)
    }

    /// Sent in pieces, so that the question lasts until the client has taken nearly all.
    private static func body(_ document: ByteBuffer, of question: Question) -> ResponseBody {
        ResponseBody(contentLength: document.readableBytes) { writer in
            var rest = document
            while let piece = rest.readSlice(length: min(64 << 10, rest.readableBytes)), piece.readableBytes > 0 {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
            withExtendedLifetime(question) {}
        }
    }

    private func refusal(_ error: any Error, to path: String) -> Response {
        if state.withLock(\.hasEnded) {
            return Problem(
                .serviceUnavailable, cause: "the agent is stopping", remedy: "ask again when it has been restarted"
            ).responseWithRetry(to: path, after: 10)
        }
        return switch (error as? HistoryError)?.code {
        case .missing:
            Problem(
                .serviceUnavailable, cause: "nothing is recorded yet", remedy: "ask again in two minutes"
            ).responseWithRetry(to: path, after: 60)
        case .tooLarge:
            Problem(
                .unprocessableContent, cause: "\(error)", remedy: "ask for a shorter span or for fewer boundaries"
            ).response(to: path)
        case .interrupted:
            Problem(
                .serviceUnavailable, cause: "reading took more than \(Self.limit.components.seconds) s",
                remedy: "ask for a shorter span"
            ).response(to: path)
        default:
            Problem(
                .serviceUnavailable, cause: "the history cannot be read: \(error)",
                remedy: "see the notices of the agent, and energyctl doctor"
            ).response(to: path)
        }
    }

    // MARK: On the thread

    private func document(_ query: HistoryQuery, isCompressed: Bool) throws -> ByteBuffer {
        if state.withLock(\.hasEnded) { throw CancellationError() }
        let (since, until) = query.span(at: Int64(SystemClock().unixTime) + 1)
        let deadline = ContinuousClock.now + Self.limit
        let reader = try HistoryReader(path: path) { [self] in
            state.withLock(\.hasEnded) || ContinuousClock.now > deadline
        }
        var answer = try reader.answer(
            since: since, until: until, boundaries: query.boundaries, most: Self.mostFigures)
        answer.node = node
        return try SnapshotBodies.collect(isCompressed) { try JSONStream.write(answer, to: $0) }
    }
}
