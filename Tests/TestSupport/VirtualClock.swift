import Synchronization

/// A clock that never waits: sleeping moves it to the deadline at once.
///
/// Work that takes time is shown by ``advance(by:)``. The sleep after the last allowed one throws `CancellationError`,
/// as that of a cancelled task does.
package final class VirtualClock: Clock {
    package struct Instant: InstantProtocol {
        package var offset: Duration

        package init(_ offset: Duration) {
            self.offset = offset
        }

        package func advanced(by duration: Duration) -> Self { Self(offset + duration) }
        package func duration(to other: Self) -> Duration { other.offset - offset }
        package static func < (a: Self, b: Self) -> Bool { a.offset < b.offset }
    }

    private let state: Mutex<(now: Instant, sleeps: Int)>
    private let beforeSleep: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - sleeps: how many there are before the clock is cancelled.
    ///   - beforeSleep: called before each, with the number of those that are left.
    package init(sleeps: Int, beforeSleep: @escaping @Sendable (Int) -> Void = { _ in }) {
        state = Mutex((Instant(.zero), sleeps))
        self.beforeSleep = beforeSleep
    }

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        beforeSleep(state.withLock { $0.sleeps })
        try state.withLock { state in
            guard state.sleeps > 0 else { throw CancellationError() }
            state.sleeps -= 1
            state.now = max(state.now, deadline)
        }
    }

    package func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }
}
