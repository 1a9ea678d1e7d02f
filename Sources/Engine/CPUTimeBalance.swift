internal import Accounting
internal import Units

/// Where the time of all CPUs went since the start: what the kernel programs saw, against the clock.
struct CPUTimeBalance {
    private var base = CPUTimeTotals()
    private var last = CPUTimeTotals()
    /// Time of all CPUs that were online, by the clock, s.
    private var wall = 0.0

    init() {}

    init(startingAt base: CPUTimeTotals) {
        self.base = base
        last = base
    }

    /// Takes in the totals of a window.
    mutating func add(_ totals: CPUTimeTotals) {
        wall += (totals.moment - last.moment) / .seconds(1) * Double(totals.onlineThroughout)
        last = totals
    }

    var charged: Seconds { Seconds(nanoseconds: last.charged &- base.charged) }
    var idle: Seconds { Seconds(nanoseconds: last.idle &- base.idle) }
    var stolen: Seconds { Seconds(nanoseconds: last.stolen &- base.stolen) }

    /// Time by the clock that the programs did not see, s; negative where they saw more.
    var unaccountedSeconds: Double { wall - charged.value - idle.value - stolen.value }
}
