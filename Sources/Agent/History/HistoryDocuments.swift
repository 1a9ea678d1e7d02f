internal import Compression
internal import Engine
internal import Formatting
internal import History
internal import Hummingbird
internal import Linux
internal import NIOCore
internal import Querying
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// Answers questions about the past, from the store, on a thread of its own.
final class HistoryDocuments: Sendable {
    private let path: String
    private let node: String
    private let thread: WorkThread
    private let waiting = Mutex(0)

    /// Questions that wait at most: each may read all that the store has, which takes seconds.
    private static let mostWaiting = 4

    /// Throws where the kernel has no thread to give.
    init(path: String, node: String) throws(HostError) {
        self.path = path
        self.node = node
        thread = try WorkThread()
        thread.yieldToOthers()
    }

    /// What there is, or what went wrong.
    func answer(_ query: HistoryQuery, to request: Request) async -> Response {
        let path = request.uri.path
        let isFull = waiting.withLock { waiting in
            guard waiting < Self.mostWaiting else { return true }
            waiting += 1
            return false
        }
        guard !isFull else {
            return Problem(
                .serviceUnavailable, cause: "\(Self.mostWaiting) questions about the past wait for their answers",
                remedy: "try again"
            ).responseWithRetry(to: path)
        }
        let isCompressed = AcceptHeader(request.headers[.acceptEncoding]).takes(coding: "gzip")
        let result = await withCheckedContinuation { continuation in
            thread.run { [self] in
                let result = Result { try document(query, isCompressed: isCompressed) }
                waiting.withLock { $0 -= 1 }
                continuation.resume(returning: result)
            }
        }
        switch result {
        case .success(let bytes):
            var headers: HTTPFields = [
                .contentType: MediaType.json, .cacheControl: "no-store", .vary: "Accept-Encoding",
            ]
            if isCompressed { headers[.contentEncoding] = "gzip" }
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .failure(let error as HistoryError) where error.code == .missing:
            return Problem(
                .serviceUnavailable, cause: "nothing is recorded yet", remedy: "ask again in two minutes"
            ).responseWithRetry(to: path, after: 60)
        case .failure(let error):
            return Problem(
                .serviceUnavailable, cause: "the history cannot be read: \(error)",
                remedy: "see the notices of the agent, and energyctl doctor"
            ).response(to: path)
        }
    }

    /// Of an agent that keeps none.
    static func none(_ path: String) -> Response {
        Problem(
            .notFound, cause: "this agent keeps no history", remedy: "start it with --history.path FILE"
        ).response(to: path)
    }

    private func document(_ query: HistoryQuery, isCompressed: Bool) throws -> [UInt8] {
        let (since, until) = query.span(at: Int64(SystemClock().unixTime) + 1)
        var answer = try HistoryReader(path: path).answer(since: since, until: until, boundaries: query.boundaries)
        answer.node = node
        let bytes = try ByteSink.collect { try JSONStream.write(answer, to: $0) }
        return isCompressed ? gzipped(bytes) : bytes
    }
}
