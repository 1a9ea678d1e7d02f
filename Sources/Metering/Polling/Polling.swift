internal import Linux
package import Units

/// Runs slow readings apart from the tick. Injected, so that a test decides when a meter is read.
package protocol Polling: Sendable {
    /// Starts to poll; it ends with the last reference to the result. Returns nil where it cannot be started.
    ///
    /// - Parameters:
    ///   - interval: time between two readings.
    ///   - makeWork: called once, where the work is done; what it returns is called for every reading.
    func start(
        every interval: Seconds, _ makeWork: @escaping @Sendable () -> () -> Void
    ) -> (any AnyObject & Sendable)?
}

/// A thread for each meter.
package struct ThreadPolling: Polling {
    package init() {}

    package func start(
        every interval: Seconds, _ makeWork: @escaping @Sendable () -> () -> Void
    ) -> (any AnyObject & Sendable)? {
        guard let thread = try? WorkThread() else { return nil }
        thread.repeat(every: min(max(interval.value, 0.1), 3600), makeWork)
        return thread
    }
}
