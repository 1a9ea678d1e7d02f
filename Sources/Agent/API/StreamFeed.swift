internal import Querying
internal import Synchronization

/// The readers of `/api/v1/stream`, each woken with every tick. One feed for all servers of an agent.
///
/// The hub wakes one service for all of them (``StreamService``), because its own readers cost the engine time.
final class StreamFeed: Sendable {
    private struct State {
        var readers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextReader: UInt64 = 0
        /// Readers of each query.
        var queries: [WorkloadQuery: Int] = [:]
        var epoch: UInt64 = 0
        var refused: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let queryLimit: Int

    /// Different queries that are streamed at a time: each is answered with every tick.
    static let mostQueries = 16

    /// - Parameters:
    ///   - limit: of readers at a time.
    ///   - queryLimit: of different queries that they read.
    init(limit: Int = 1000, queryLimit: Int = mostQueries) {
        self.limit = limit
        self.queryLimit = queryLimit
    }

    /// What a reader's permission depends on.
    struct Permission: Sendable {
        /// ``StreamFeed/epoch`` before the reader's credentials were looked at; nil where everybody may read.
        var epoch: UInt64?
        /// When its credentials must be looked at again; nil for never.
        var end: ContinuousClock.Instant?
    }

    /// Why a reader gets no place.
    enum Refusal: Error {
        /// There are as many as there may be, or the agent is about to end.
        case readers
        /// As many different queries are streamed.
        case queries
        /// Who may read has changed since the reader was accepted.
        case permission
    }

    /// A reader's place. It is free again when this is gone.
    final class Place: Sendable {
        /// One element for every tick or heartbeat; a reader that was busy meanwhile gets one for all that it missed.
        let wakes: AsyncStream<Void>
        private let permission: Permission
        private let number: UInt64
        private let query: WorkloadQuery?
        private let feed: StreamFeed

        fileprivate init(
            _ wakes: AsyncStream<Void>, _ permission: Permission, _ number: UInt64, _ query: WorkloadQuery?,
            _ feed: StreamFeed
        ) {
            self.wakes = wakes
            self.permission = permission
            self.number = number
            self.query = query
            self.feed = feed
        }

        deinit { feed.leave(number, query) }

        /// False once the stream must end.
        func isPermitted(at now: ContinuousClock.Instant) -> Bool {
            permission.epoch == feed.epoch && permission.end.map { now < $0 } ?? true
        }
    }

    var count: Int { state.withLock { $0.readers.count } }
    /// Readers that got no place, since the start.
    var refused: UInt64 { state.withLock(\.refused) }
    /// Grows with ``endAll()``.
    var epoch: UInt64 { state.withLock(\.epoch) }

    /// The first wake is there at once.
    ///
    /// - Parameter query: what the reader is sent; nil for whole snapshots.
    func enter(_ query: WorkloadQuery? = nil, for permission: Permission = Permission()) throws(Refusal) -> Place {
        let (wakes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (number, epoch) = try state.withLock { state throws(Refusal) in
            do throws(Refusal) {
                try check(query, permission, state)
            } catch {
                state.refused += 1
                throw error
            }
            if let query { state.queries[query, default: 0] += 1 }
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return (state.nextReader, state.epoch)
        }
        continuation.yield()
        return Place(wakes, Permission(epoch: epoch, end: permission.end), number, query, self)
    }

    private func check(_ query: WorkloadQuery?, _ permission: Permission, _ state: State) throws(Refusal) {
        guard !state.isFinished, state.readers.count < limit else { throw .readers }
        guard permission.epoch ?? state.epoch == state.epoch else { throw .permission }
        guard let query else { return }
        guard state.queries[query] != nil || state.queries.count < queryLimit else { throw .queries }
    }

    fileprivate func leave(_ number: UInt64, _ query: WorkloadQuery?) {
        state.withLock { state in
            state.readers.removeValue(forKey: number)
            guard let query, let readers = state.queries[query] else { return }
            state.queries[query] = readers > 1 ? readers - 1 : nil
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
    /// reader who still may connects again. A request that was accepted before and has not begun its stream gets none.
    func endAll() {
        let readers = state.withLock { state in
            state.epoch += 1
            return Array(state.readers.values)
        }
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
