/// Whether the time of all CPUs adds up: what the kernel programs saw, against the clock.
package struct TimeBalance: Sendable, Equatable {
    /// Charged, idle and stolen.
    package private(set) var accounted = Duration.zero
    /// Of all CPUs, by the clock.
    package private(set) var elapsed = Duration.zero

    package init() {}

    /// Nil where a CPU came or went between the readings.
    ///
    /// - Parameters: two readings of one accounting, one after the other. The clock is the one that the readings carry:
    ///   the time between a reading and any later look at a clock can be long on a busy machine.
    package init?(from first: CPUTimeTotals, to last: CPUTimeTotals) {
        guard let cpus = last.onlineThroughout else { return nil }
        accounted = .nanoseconds(Int64(bitPattern: last.accounted &- first.accounted))
        elapsed = (last.moment - first.moment) * cpus
    }

    package static func += (sum: inout TimeBalance, window: TimeBalance) {
        sum.accounted += window.accounted
        sum.elapsed += window.elapsed
    }

    /// Time by the clock that the programs did not see; negative where they saw more.
    package var unaccounted: Duration { elapsed - accounted }

    /// The difference as a share of the time; a timer tick per CPU is normal.
    package var error: Double { abs(unaccounted / max(elapsed, .milliseconds(1))) }
}
