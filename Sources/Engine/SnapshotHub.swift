package import Snapshot
internal import Synchronization

/// The latest snapshot and the stream of those to come, for any number of readers. No reader can delay the engine.
package final class SnapshotHub: Sendable {
    private struct State {
        var latest: Snapshot?
        var publishedAt: ContinuousClock.Instant?
        var readers: [UInt64: AsyncStream<Snapshot>.Continuation] = [:]
        var nextReader: UInt64 = 0
        var dropped: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let staleAfter: Duration
    private let deadAfter: Duration
    private let createdAt: ContinuousClock.Instant
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - interval: the time between ticks; a snapshot older than three of them, and than five seconds, is stale.
    ///   - now: the clock that ages are measured with.
    package init(
        interval: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        staleAfter = max(interval * 3, .seconds(5))
        deadAfter = staleAfter * 12
        createdAt = now()
        self.now = now
    }

    /// Makes `snapshot` the latest and hands it to every reader of ``updates()``. A reader that has not taken the one
    /// before loses that one, which ``dropped`` counts.
    package func publish(_ snapshot: Snapshot) {
        let time = now()
        let readers = state.withLock { state in
            state.latest = snapshot
            state.publishedAt = time
            return Array(state.readers.values)
        }
        let dropped = readers.count { reader in
            if case .dropped = reader.yield(snapshot) { true } else { false }
        }
        if dropped > 0 { state.withLock { $0.dropped += UInt64(dropped) } }
    }

    /// Ends every ``updates()``: there will be no more snapshots.
    package func finish() {
        let readers = state.withLock { state in
            state.isFinished = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }

    /// nil before the first tick.
    package var latest: Snapshot? { state.withLock(\.latest) }

    /// Snapshots since the start that a reader of ``updates()`` was too slow for.
    package var dropped: UInt64 { state.withLock(\.dropped) }

    /// Every snapshot from now on, beginning with the latest. A slow reader misses some, but always gets the newest.
    /// Ends with ``finish()``, or when the reader's task is cancelled.
    package func updates() -> AsyncStream<Snapshot> {
        let (stream, continuation) = AsyncStream.makeStream(of: Snapshot.self, bufferingPolicy: .bufferingNewest(1))
        let (number, isFinished) = state.withLock { state in
            state.nextReader += 1
            if !state.isFinished { state.readers[state.nextReader] = continuation }
            // Under the lock, so that one that is published meanwhile comes after it.
            if let latest = state.latest { continuation.yield(latest) }
            return (state.nextReader, state.isFinished)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
        }
        if isFinished { continuation.finish() }
        return stream
    }

    /// True once there is a snapshot, and as long as new ones keep coming.
    package var isFresh: Bool {
        guard let publishedAt = state.withLock(\.publishedAt) else { return false }
        return now() - publishedAt <= staleAfter
    }

    /// False once nothing was published for so long that only a restart can help.
    package var isAlive: Bool {
        now() - (state.withLock(\.publishedAt) ?? createdAt) <= deadAfter
    }
}
