internal import Impact

/// The node as a whole and those parts of it that belong to no workload. With the workloads at the top of the tree
/// they add up to the whole.
package struct NodeTotals: Equatable, Sendable {
    package var whole = Totals()
    /// What the machine draws whether or not anything runs.
    package var idle = Totals()
    /// Kernel threads.
    package var system = Totals()
    /// Of workloads that the kernel's table had no room for, and of gaps in a meter's readings.
    package var unattributed = Totals()

    package init() {}

    /// In the order of the state file.
    package var all: [Totals] { [whole, idle, system, unattributed] }

    /// - Parameter all: as in ``all``.
    init?(_ all: [Totals]) {
        guard all.count == Self.count else { return nil }
        (whole, idle, system, unattributed) = (all[0], all[1], all[2], all[3])
    }

    static let count = 4

    mutating func beginWindow() { change { $0.beginWindow() } }

    mutating func endWindow(_ rates: Rates) { change { $0.endWindow(rates) } }

    private mutating func change(_ change: (inout Totals) -> Void) {
        change(&whole)
        change(&idle)
        change(&system)
        change(&unattributed)
    }
}
