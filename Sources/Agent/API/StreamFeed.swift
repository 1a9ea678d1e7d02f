internal import Synchronization

/// The readers of `/api/v1/stream`, each woken with every tick. One feed for all servers.
///
/// The hub wakes one service for all of them (``StreamService``), because its own readers cost the engine time.
final class StreamFeed: Sendable {
    private struct State {
        var readers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextReader: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: of readers at a time.
    init(limit: Int = 1000) {
        self.limit = limit
    }

    /// A reader's place. It is free again when this is gone.
    final class Place: Sendable {
        /// One element for every tick or heartbeat; a reader that was busy meanwhile gets one for all that it missed.
        let wakes: AsyncStream<Void>
        private let leave: @Sendable () -> Void

        fileprivate init(_ wakes: AsyncStream<Void>, leave: @escaping @Sendable () -> Void) {
            self.wakes = wakes
            self.leave = leave
        }

        deinit { leave() }
    }

    var count: Int { state.withLock { $0.readers.count } }

    /// nil where there are as many as there may be, or the agent is about to end. The first wake is there at once.
    func enter() -> Place? {
        let (wakes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: UInt64? = state.withLock { state in
            guard !state.isFinished, state.readers.count < limit else { return nil }
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        guard let number else { return nil }
        continuation.yield()
        return Place(wakes) { [weak self] in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
        }
    }

    /// Wakes all readers; linear in their number.
    ///
    /// - Parameter pause: called between two of many groups of them, so that one thread that writes to a thousand readers
    ///   answers others in between.
    func wake(pause: () async -> Void) async {
        let readers = state.withLock { Array($0.readers.values) }
        for start in stride(from: 0, to: readers.count, by: Self.groupSize) {
            if start > 0 { await pause() }
            for reader in readers[start..<min(start + Self.groupSize, readers.count)] { reader.yield() }
        }
    }

    private static let groupSize = 25

    /// Ends the streams that there are, after what they are sending; others may begin. For changes of who may read: a
    /// reader who still may connects again.
    func endAll() {
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers { reader.finish() }
    }

    /// Ends every stream, after what it is sending, for good.
    func finish() {
        let readers = state.withLock { state in
            state.isFinished = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }
}
