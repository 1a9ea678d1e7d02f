import Synchronization

/// A moment of the continuous clock that a test moves on.
package final class ManualInstant: Sendable {
    private let instant = Mutex(ContinuousClock().systemEpoch)

    package init() {}

    package var now: ContinuousClock.Instant { instant.withLock { $0 } }

    package func advance(_ seconds: Int) {
        instant.withLock { $0 += .seconds(seconds) }
    }
}
