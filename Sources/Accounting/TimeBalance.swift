package import Accounting

/// Whether the time of all CPUs between two readings adds up.
package struct TimeBalance: Sendable, Equatable {
    /// Charged, idle and stolen, s.
    package let accounted: Double
    /// Of all CPUs, by the clock, s.
    package let elapsed: Double

    /// Nil where a CPU came or went between the readings.
    ///
    /// - Parameters: two readings of one accounting, one after the other. The clock is the one that the readings carry:
    ///   the time between a reading and any later look at a clock can be long on a busy machine.
    package init?(from first: CPUTimeTotals, to last: CPUTimeTotals) {
        guard let cpus = last.onlineThroughout else { return nil }
        accounted = (Double(last.accounted) - Double(first.accounted)) / 1e9
        elapsed = (last.moment - first.moment) / .seconds(1) * Double(cpus)
    }

    /// The difference as a share of the time; a timer tick per CPU is normal.
    package var error: Double { abs(accounted - elapsed) / max(elapsed, 0.001) }
}
