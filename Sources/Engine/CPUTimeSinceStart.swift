internal import Accounting
internal import Units

/// Where the time of all CPUs went since the start, and whether it adds up.
struct CPUTimeSinceStart {
    private var base = CPUTimeTotals()
    private var last = CPUTimeTotals()
    /// Of the windows in which no CPU came or went; nil before the first.
    private(set) var balance: TimeBalance?

    init() {}

    init(_ base: CPUTimeTotals) {
        self.base = base
        last = base
    }

    /// Takes in the totals of a window.
    mutating func add(_ totals: CPUTimeTotals) {
        if let window = TimeBalance(from: last, to: totals) {
            var sum = balance ?? TimeBalance()
            sum += window
            balance = sum
        }
        last = totals
    }

    var charged: Seconds { Seconds(nanoseconds: last.charged &- base.charged) }
    var idle: Seconds { Seconds(nanoseconds: last.idle &- base.idle) }
    var stolen: Seconds { Seconds(nanoseconds: last.stolen &- base.stolen) }
}
