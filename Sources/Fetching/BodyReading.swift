package import NIOCore

/// How much of an answer is taken, and how long it may take.
package struct BodyLimits: Sendable {
    /// Of the whole exchange.
    package var total: Duration
    /// Until the head of the answer; nil where only the total counts.
    package var head: Duration?
    /// Of the body, unpacked.
    package var bytes: Int

    package init(total: Duration, bytes: Int) {
        self.total = total
        self.bytes = bytes
    }
}

/// Measures the time since the call.
package func stopwatch(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
}

/// Passes on the pieces of a body as they arrive. What is late or too large ends it, and so does the task's
/// cancellation, which the libraries below take for the end of the body.
///
/// Time is looked at with every piece: a body that trickles ends at the total, and one that falls silent by the silence
/// that its connection allows.
///
/// - Parameters:
///   - elapsed: since the request.
///   - words: puts an error of the body into words; errors of `take` pass as they are.
package func readBody<Body: AsyncSequence>(
    _ body: Body, limits: BodyLimits, elapsed: () -> Duration, isolation: isolated (any Actor)? = #isolation,
    words: (any Error) -> any Error, take: (ByteBuffer) throws -> Void
) async throws where Body.Element == ByteBuffer {
    var iterator = body.makeAsyncIterator()
    var count = 0
    while true {
        let piece: ByteBuffer?
        do {
            piece = try await iterator.next(isolation: isolation)
        } catch {
            try Task.checkCancellation()
            throw words(error)
        }
        try Task.checkCancellation()
        guard let piece else { return }
        guard elapsed() <= limits.total else {
            throw FetchFailure(.timedOut, "its answer was not complete after \(limits.total.inWords)")
        }
        count += piece.readableBytes
        guard count <= limits.bytes else {
            throw FetchFailure(.tooLarge, "its answer is larger than \(sizeInWords(limits.bytes))")
        }
        try take(piece)
    }
}
