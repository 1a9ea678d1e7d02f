internal import Units

/// Two sources that should show the same energy, and what they showed.
struct Comparison: Sendable {
    /// Energy of the windows that both measured, uJ.
    struct Sums: Sendable {
        var source = 0.0
        var other = 0.0
        var seconds = 0.0
        var windows = 0

        /// Mean power, W.
        var power: (source: Double, other: Double) {
            seconds > 0 ? (source / seconds / 1e6, other / seconds / 1e6) : (0, 0)
        }

        /// Energy of the other per energy of the source.
        var ratio: Double { source > 0 ? min(other / source, 1000) : 1000 }
    }

    /// Since the last verdict.
    private(set) var sums = Sums()
    /// Of the last complete period; nil before the first.
    private(set) var last: Sums?
    /// One of them shows power readings or averages, and not a counter.
    private(set) var isSlow = false
    /// How much time a verdict takes, s.
    private(set) var period = fastPeriod
    /// When both had a reading last, on the clock of the caller, s.
    private(set) var lastSeen = 0.0

    private static let fastPeriod = 10.0
    /// A slow meter shows a change up to one reading, and its own average, later. Over 30 readings, and five minutes, a
    /// node that goes from rest to four times the power at the worst moment stays within the tolerance.
    private static let slowPeriod = (seconds: 300.0, readings: 30.0)
    /// Less energy than this shows nothing, uJ.
    private static let minEnergy = 5e6
    /// The same for a first impression.
    private static let minEnergySoFar = 1e5

    /// Takes in a window; returns the sums where it completes a period.
    ///
    /// - Parameter interval: the longer of the two sources' reading intervals, s.
    mutating func add(
        _ one: Microjoules, _ another: Microjoules, window: Seconds, at now: Double, isSlow: Bool, interval: Double
    ) -> Sums? {
        lastSeen = now
        self.isSlow = isSlow
        if isSlow { period = max(Self.slowPeriod.seconds, Self.slowPeriod.readings * interval) }
        sums.source += Double(one.count)
        sums.other += Double(another.count)
        sums.seconds += window.value
        sums.windows += 1
        guard sums.seconds >= period, sums.windows >= 3, max(sums.source, sums.other) >= Self.minEnergy else {
            return nil
        }
        defer { sums = Sums() }
        last = sums
        return sums
    }

    /// The sums of the last period; with `soFar` also those of a second or more before the first is complete.
    func sums(soFar: Bool) -> Sums? {
        if let last { return last }
        let isTelling = soFar && sums.seconds >= 1 && max(sums.source, sums.other) >= Self.minEnergySoFar
        return isTelling ? sums : nil
    }
}
