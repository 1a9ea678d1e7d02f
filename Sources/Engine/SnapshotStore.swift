internal import NIOConcurrencyHelpers
package import Snapshot

/// The last snapshot, for any number of readers; none of them can hold up the engine.
package final class SnapshotStore: Sendable {
    private struct State {
        var snapshot: Snapshot?
        var publishedAt: ContinuousClock.Instant?
    }

    private let state = NIOLockedValueBox(State())
    private let staleAfter: Duration
    private let deadAfter: Duration
    private let createdAt = ContinuousClock.now

    /// - Parameter interval: the time between ticks; a snapshot older than three of them, and than five seconds, is
    ///   stale.
    package init(interval: Duration) {
        staleAfter = max(interval * 3, .seconds(5))
        deadAfter = staleAfter * 12
    }

    package func publish(_ snapshot: Snapshot, at now: ContinuousClock.Instant = .now) {
        state.withLockedValue { $0 = State(snapshot: snapshot, publishedAt: now) }
    }

    /// The last snapshot; nil before the first tick.
    package var latest: Snapshot? {
        state.withLockedValue(\.snapshot)
    }

    /// True once there is a snapshot, and as long as new ones keep coming.
    package func isFresh(at now: ContinuousClock.Instant = .now) -> Bool {
        guard let publishedAt = state.withLockedValue(\.publishedAt) else { return false }
        return now - publishedAt <= staleAfter
    }

    /// False once nothing was published for so long that only a restart can help.
    package func isAlive(at now: ContinuousClock.Instant = .now) -> Bool {
        now - (state.withLockedValue(\.publishedAt) ?? createdAt) <= deadAfter
    }
}
