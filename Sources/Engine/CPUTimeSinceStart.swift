internal import Accounting
internal import Units

/// Where the time of all CPUs went since the start: what the kernel programs saw, against the clock.
struct CPUTimeBalance {
    private var base = CPUTimeTotals()
    private var last = CPUTimeTotals()
    /// Time by the clock that the programs did not see, s; negative where they saw more. Windows in which a CPU came or
    /// went are left out.
    private(set) var unaccountedSeconds = 0.0

    init() {}

    init(startingAt base: CPUTimeTotals) {
        self.base = base
        last = base
    }

    /// Takes in the totals of a window.
    mutating func add(_ totals: CPUTimeTotals) {
        if let cpus = totals.onlineThroughout {
            let elapsed = (totals.moment - last.moment) / .seconds(1) * Double(cpus)
            unaccountedSeconds += elapsed - Seconds(nanoseconds: totals.accounted &- last.accounted).value
        }
        last = totals
    }

    var charged: Seconds { Seconds(nanoseconds: last.charged &- base.charged) }
    var idle: Seconds { Seconds(nanoseconds: last.idle &- base.idle) }
    var stolen: Seconds { Seconds(nanoseconds: last.stolen &- base.stolen) }
}
