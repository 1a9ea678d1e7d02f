package import Units

/// Energy of a zone that its counter showed or missed, and that is in no total.
package struct UncountedEnergy: Sendable, Equatable {
    /// Shown by the counter and not believed: readings ahead of its line, and jumps.
    package private(set) var refused = Microjoules.zero
    /// Used while the counter showed nothing (resets, long gaps), by the power before, or, where another source stood in for
    /// it, by what it showed afterwards beyond that.
    package private(set) var lost = Microjoules.zero
    /// When it grew last; nil while both are zero.
    package private(set) var lastTime: Seconds?

    package init() {}

    package mutating func add(refused: Microjoules, lost: Microjoules, at now: Seconds) {
        guard refused > .zero || lost > .zero else { return }
        self.refused = Microjoules(self.refused.count.saturatingPlus(refused.count))
        self.lost = Microjoules(self.lost.count.saturatingPlus(lost.count))
        lastTime = now
    }

    /// Both.
    func adding(_ other: UncountedEnergy) -> UncountedEnergy {
        var sum = self
        sum.add(refused: other.refused, lost: other.lost, at: other.lastTime ?? Seconds(0))
        if let lastTime, let last = sum.lastTime { sum.lastTime = max(lastTime, last) }
        return sum
    }
}
