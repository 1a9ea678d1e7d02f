package import Accounting

/// Whether the time of all CPUs between two readings adds up.
package struct TimeBalance: Sendable, Equatable {
    /// Charged, idle and stolen, s.
    package let accounted: Double
    /// Of all CPUs that were online throughout, by the clock, s.
    package let elapsed: Double

    /// - Parameters: two readings of one accounting. The clock is the one that the readings carry: the time between a
    ///   reading and any later look at a clock can be long on a busy machine.
    package init(from first: CPUTimeTotals, to last: CPUTimeTotals) {
        func growth(_ total: KeyPath<CPUTimeTotals, UInt64>) -> Double {
            Double(last[keyPath: total]) - Double(first[keyPath: total])
        }
        accounted = (growth(\.charged) + growth(\.idle) + growth(\.stolen)) / 1e9
        elapsed = (last.moment - first.moment) / .seconds(1) * Double(last.onlineThroughout)
    }

    /// The difference as a share of the time; a timer tick per CPU is normal.
    package var error: Double { abs(accounted - elapsed) / max(elapsed, 0.001) }
}
