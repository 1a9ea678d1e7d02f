/// When the next tick is due: every interval on a steady grid, so that ticks do not drift.
///
/// After a stall the grid is left: a deadline that follows it would give a window of milliseconds, in which meters
/// resolve nothing. Any tick that ends less than half an interval before the next deadline is followed by a whole one.
package struct TickSchedule<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private let interval: Duration
    /// The next tick.
    package private(set) var deadline: Instant

    /// - Parameters:
    ///   - now: the moment from which the first window runs.
    ///   - firstInterval: length of the first window.
    package init(startingAt now: Instant, firstInterval: Duration, interval: Duration) {
        self.interval = interval
        deadline = now.advanced(by: firstInterval)
    }

    /// Sets the deadline that follows the present one.
    ///
    /// - Parameter now: the moment at which the tick was done.
    package mutating func advance(at now: Instant) {
        let next = deadline.advanced(by: interval)
        deadline = now.duration(to: next) < interval / 2 ? now.advanced(by: interval) : next
    }
}
