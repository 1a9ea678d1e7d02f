package import Logging

/// Calls the engine at every deadline of a ``TickSchedule`` until its task is cancelled.
package struct TickLoop<C: Clock>: Sendable where C.Duration == Duration {
    private let clock: C
    private let firstInterval: Duration
    private let interval: Duration
    private let logger: Logger

    package init(clock: C, firstInterval: Duration, interval: Duration, logger: Logger) {
        self.clock = clock
        self.firstInterval = firstInterval
        self.interval = interval
        self.logger = logger
    }

    /// Runs until cancelled. A tick that fails is logged, once for the same reason, and the next one is tried.
    package func run(_ tick: () throws -> Void) async {
        var schedule = TickSchedule(startingAt: clock.now, firstInterval: firstInterval, interval: interval)
        var lastFailure: String?
        while true {
            do {
                try await clock.sleep(until: schedule.deadline, tolerance: .zero)
            } catch {
                return
            }
            do {
                try tick()
                if lastFailure != nil { logger.notice("sampling works again") }
                lastFailure = nil
            } catch {
                // Once, not every second.
                if lastFailure != "\(error)" { logger.error("cannot sample: \(error)") }
                lastFailure = "\(error)"
            }
            schedule.advance(at: clock.now)
        }
    }
}
