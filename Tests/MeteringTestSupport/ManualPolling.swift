import Metering
import Synchronization
package import Units

/// Polls when the test says so.
package final class ManualPolling: Polling {
    private let works = Mutex<[@Sendable () -> Void]>([])

    private let asked = Mutex<[Seconds]>([])

    package init() {}

    /// Time between two readings that each meter asked for, in order.
    package var intervals: [Seconds] { asked.withLock { $0 } }

    /// Lets every meter be read once.
    package func poll() {
        for work in works.withLock({ $0 }) { work() }
    }

    package func start(
        every interval: Seconds, _ makeWork: @escaping @Sendable () -> () -> Void
    ) -> (any AnyObject & Sendable)? {
        asked.withLock { $0.append(interval) }
        // The work has a state of its own, which only this test's thread sees.
        nonisolated(unsafe) let work = makeWork()
        works.withLock { $0.append { work() } }
        return self
    }
}
