package import Units

/// Turns one hardware energy counter, which wraps, may be reset and is sometimes wrong, into a total that only grows.
///
/// The counter is followed as a line. A reading that does not fit it begins a branch: if a later reading is back on the
/// line, the branch was a fault of the meter and nothing is lost; if the counter stays on the branch, it becomes the line.
package struct EnergyCounter: Sendable {
    /// What a reading meant.
    package enum Event: String, Sendable {
        /// The first reading, or the first after so long that the counter may have wrapped more than once.
        case base
        case advance
        case wrap
        /// The counter fell by too little for a wrap, and stayed there: the driver was reloaded or the machine slept.
        case reset
        /// The counter stayed where an implausible reading had it. The step to there is no energy.
        case jump
        /// More than the zone can draw, or beyond the counter's range. No energy.
        case implausible
        /// Less than before, but no less than the line of the last seconds. No energy until it has passed its highest
        /// value: what an earlier reading had too much is not counted twice.
        case backwards
        /// It is not known yet what the reading means.
        case held

        /// True where the total is known as of this reading.
        var isSettled: Bool {
            switch self {
            case .base, .advance, .wrap, .reset, .jump: true
            case .implausible, .backwards, .held: false
            }
        }
    }

    private struct Point {
        var value: UInt64
        /// When this value was read first: a counter that is renewed seldom may step by more the longer it stood.
        var time: Double
    }

    /// Readings beside the line.
    private struct Branch {
        let first: Point
        var last: Point
        let isAhead: Bool
        /// How long the counter has to stay on it until it becomes the line, s.
        let patience: Double
        var energy: UInt64 = 0
    }

    /// Highest value of the counter, uJ; nil where it is unknown: then every fall is a reset.
    private let range: UInt64?
    private let highestPower: Double
    private var line: Point?
    private var branch: Branch?
    /// Values of the line: ten to twenty seconds ago, up to ten seconds ago, and the time of that one.
    private var past: (older: UInt64, recent: UInt64, time: Double) = (0, 0, 0)
    private var lastSeen = 0.0
    /// Of the last ten seconds or so, W.
    private var meanPower = 0.0
    /// Energy since the first reading.
    package private(set) var total = Microjoules.zero
    /// What the counter showed too much: faults of the meter, and jumps.
    package private(set) var refused = Microjoules.zero
    /// What was used while the counter showed nothing, by the power before: resets and gaps.
    package private(set) var lost = Microjoules.zero

    /// Counters step about every millisecond, those of a hypervisor more seldom, and the moment of a reading is known
    /// less exactly on a busy machine: two readings close together may seem to hide a lot of power, s.
    private static let granularity = 0.25
    /// What a zone may draw for long: the largest processors' limit. After the time in which half the range passes at
    /// this power (262 s at Intel's unit, 65 s at a quarter of it), a wrap and a reset look the same.
    private static let highestMeanPower = 500.0
    /// Where the range is not known.
    private static let longestGap = 120.0
    /// Faults of a reading are over with the next window or two, s.
    private static let patience = 3.0
    /// How long a counter that ran back by a little may take to pass its highest value, s.
    private static let longPatience = 120.0
    private static let pastLength = 10.0

    /// - Parameters:
    ///   - range: highest value, uJ.
    ///   - highestPower: more than the zone can draw over a second; see ``PowerLimit``.
    package init(range: UInt64?, highestPower: Watts = PowerLimit.anything) {
        self.range = range.flatMap { $0 > 0 ? $0 : nil }
        self.highestPower = highestPower.value
    }

    /// Takes in a reading.
    package mutating func advance(to value: UInt64, at now: Seconds) -> Event {
        if let range, value > range { return .implausible }
        let now = now.value
        defer { lastSeen = now }
        let longest = range.map { Double($0) / 2e6 / Self.highestMeanPower } ?? Self.longestGap
        guard let line, now - lastSeen <= longest else {
            if line != nil { lose(now - lastSeen) }
            begin(at: Point(value: value, time: now))
            return .base
        }
        let isBeyondBranch = branch.map { $0.isAhead && value >= $0.last.value } ?? false
        if !isBeyondBranch, let step = step(from: line, to: value, at: now) {
            return follow(step, to: Point(value: value, time: now), from: line)
        }
        if var branch, let step = step(from: branch.last, to: value, at: now) {
            branch.energy = branch.energy.saturatingPlus(step)
            if step > 0 { branch.last = Point(value: value, time: now) }
            self.branch = branch
            guard now - branch.first.time >= branch.patience else { return .held }
            return adopt(branch, from: line)
        }
        return leave(line, for: Point(value: value, time: now))
    }

    /// The energy from one reading to another, uJ; nil where the second does not follow from the first.
    private func step(from point: Point, to value: UInt64, at now: Double) -> UInt64? {
        let step: UInt64
        if value >= point.value {
            step = value - point.value
        } else if let range, point.value - value > range / 2 {
            step = range - point.value + value
        } else {
            return nil
        }
        let elapsed = max(0, now - point.time) + Self.granularity
        return Double(step) / 1e6 <= highestPower * elapsed ? step : nil
    }

    private mutating func begin(at point: Point) {
        line = point
        branch = nil
        past = (point.value, point.value, point.time)
    }

    private mutating func follow(_ step: UInt64, to point: Point, from before: Point) -> Event {
        if let branch, branch.isAhead { Self.add(branch.first.value - before.value, to: &refused) }
        branch = nil
        Self.add(step, to: &total)
        guard step > 0 else { return .advance }
        let elapsed = point.time - before.time
        if elapsed > 0.05 {
            meanPower += (Double(step) / 1e6 / elapsed - meanPower) * min(1, elapsed / Self.pastLength)
        }
        guard point.value >= before.value else {
            begin(at: point)
            return .wrap
        }
        line = point
        if point.time - past.time >= Self.pastLength { past = (past.recent, point.value, point.time) }
        return .advance
    }

    /// Begins a branch with a reading that does not fit the line.
    private mutating func leave(_ line: Point, for point: Point) -> Event {
        let isAhead = point.value > line.value
        let isOnThePast = !isAhead && point.value > past.older
        // What was counted since was too much, and no line to come back to.
        if isOnThePast { past.recent = min(past.recent, point.value) }
        branch = Branch(
            first: point, last: point, isAhead: isAhead, patience: isOnThePast ? Self.longPatience : Self.patience)
        return isAhead ? .implausible : isOnThePast ? .backwards : .held
    }

    private mutating func adopt(_ branch: Branch, from line: Point) -> Event {
        if branch.isAhead {
            Self.add(branch.first.value - line.value, to: &refused)
        } else {
            lose(max(0, branch.first.time - line.time))
        }
        Self.add(branch.energy, to: &total)
        begin(at: branch.last)
        return branch.isAhead ? .jump : .reset
    }

    private mutating func lose(_ seconds: Double) {
        Self.add(Watts(meanPower).energy(over: Seconds(seconds)).count, to: &lost)
    }

    private static func add(_ energy: UInt64, to sum: inout Microjoules) {
        sum = Microjoules(sum.count.saturatingPlus(energy))
    }
}
