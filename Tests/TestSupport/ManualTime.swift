import Synchronization

/// Seconds that advance only when a test advances them.
package final class ManualTime: Sendable {
    private let state: Mutex<(awake: Double, asleep: Double)>

    /// - Parameter start: the first reading, s.
    package init(_ start: Double = 0) {
        state = Mutex((start, 0))
    }

    /// Time in which the machine was awake, s.
    package var awake: Double { state.withLock { $0.awake } }

    /// All time, s.
    package var elapsed: Double { state.withLock { $0.awake + $0.asleep } }

    package func advance(by seconds: Double) {
        state.withLock { $0.awake += seconds }
    }

    package func sleep(for seconds: Double) {
        state.withLock { $0.asleep += seconds }
    }
}
