/// What one workload, or the node, used over time: bounded by age, oldest first.
///
/// Filled from readings as they come, and from elsewhere with ``prepend(_:)``, such as an agent that remembers more.
package struct PowerSeries: Sendable, Equatable {
    /// One reading. Cumulative figures that are not known are NaN, as are powers.
    package struct Point: Sendable, Equatable {
        /// Unix time, s.
        package var time: Double
        /// Mean of the window that ends then, W.
        package var watts: Float
        package var cpus: Float
        package var figures: Figures

        package init(time: Double, watts: Double?, cpus: Double?, figures: Figures = Figures()) {
            self.time = time
            self.watts = watts.map { Float($0) } ?? .nan
            self.cpus = cpus.map { Float($0) } ?? .nan
            self.figures = figures
        }
    }

    private var storage: [Point] = []
    /// Points at the start of ``storage`` that are no longer part of it.
    private var dropped = 0
    /// Time of the first reading: what lies before it has powers, but no counters.
    private var begin = -Double.infinity

    package init() {}

    package var points: ArraySlice<Point> { storage.dropFirst(dropped) }
    package var last: Point? { points.last }
    package var count: Int { storage.count - dropped }

    /// Appends a reading; one that is not newer than the last replaces it.
    package mutating func append(_ point: Point) {
        while count > 0, let last = storage.last, last.time >= point.time { storage.removeLast() }
        if begin == .infinity { begin = point.time }
        storage.append(point)
    }

    /// Puts older readings, in order, before those that are there.
    package mutating func prepend(_ older: [Point]) {
        let first = points.first?.time ?? .infinity
        if begin == -.infinity { begin = first }
        storage = older.filter { $0.time < first } + points
        dropped = 0
    }

    /// Forgets what is older than `time`. Constant on average.
    package mutating func drop(before time: Double) {
        while dropped < storage.count, storage[dropped].time < time { dropped += 1 }
        guard dropped > 32, dropped * 2 > storage.count else { return }
        storage.removeFirst(dropped)
        dropped = 0
    }

    /// Forgets `time` and everything after it.
    package mutating func drop(from time: Double) {
        while count > 0, let last = storage.last, last.time >= time { storage.removeLast() }
    }

    /// The last reading that is not after `time`. Logarithmic.
    package func point(at time: Double) -> Point? {
        let points = points
        var (low, high) = (points.startIndex, points.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if points[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low > points.startIndex ? points[low - 1] : nil
    }

    /// Mean power and use of the CPU from `start` to `end`, out of what was counted in between; of something that came
    /// later, with nothing before it. Nil where that is not known.
    package func mean(from start: Double, to end: Double) -> (watts: Double?, cpus: Double?)? {
        guard let last = point(at: end), let first = points.first(where: { $0.time >= begin }), end > start else {
            return nil
        }
        let base = (start >= begin ? point(at: start) : nil) ?? first
        guard last.time > base.time || base.time > start else { return nil }
        var (joules, seconds) = (
            last.figures.joules - base.figures.joules, last.figures.cpuSeconds - base.figures.cpuSeconds
        )
        var span = last.time - base.time
        if base.time > start {
            // It was not there before: its first window counts too, and the rest of the time it used nothing.
            let window = min(base.time - start, base.figures.window)
            joules += Double(base.watts) * window
            seconds += Double(base.cpus) * window
            span = end - start
        }
        guard span > 0 else { return nil }
        func rate(_ amount: Double) -> Double? { amount.isFinite && amount >= 0 ? amount / span : nil }
        return (rate(joules), rate(seconds))
    }

    /// The mean power of the last `seconds`, W, or of as much of them as is known: out of what was counted where that goes back
    /// so far, else out of powers. Nil where neither is there.
    package func meanWatts(of seconds: Double, until end: Double) -> Double? {
        guard let first = points.first?.time else { return nil }
        let start = max(end - seconds, first)
        return start < begin ? usual(from: start, until: end)?.watts : mean(from: start, to: end)?.watts
    }

    /// Mean powers of `count` equal parts of the time up to `end`, oldest first; nil where there was no reading.
    package func powers(_ count: Int, seconds: Double, until end: Double) -> [Double?] {
        var sums = [(watts: Double, count: Int)](repeating: (0, 0), count: count)
        for point in points.reversed() where point.time <= end {
            // Times are the agent's: one from another age must not overflow the conversion.
            let age = (end - point.time) / seconds * Double(count)
            guard age < Double(count) else { break }
            let place = max(0, count - 1 - Int(nearest: age))
            guard point.watts.isFinite else { continue }
            // One of the past stands for a whole minute.
            let cells = point.time < begin ? Int(nearest: point.figures.window / seconds * Double(count)) : 0
            for place in max(0, place - min(cells, count))...place {
                sums[place] = (sums[place].watts + Double(point.watts), sums[place].count + 1)
            }
        }
        var powers = sums.map { $0.count > 0 ? $0.watts / Double($0.count) : nil }
        // A reading stands for the time up to it. Parts shorter than that have none of their own.
        let spacing =
            min(seconds, (points.last?.time ?? 0) - (points.first?.time ?? 0)) / Double(max(1, self.count - 1))
        var reach = 0
        for place in powers.indices.reversed() {
            if powers[place] != nil {
                reach = Int(nearest: (1.5 * spacing / seconds * Double(count)).rounded(.up))
            } else if reach > 0, place + 1 < count, sums[..<place].contains(where: { $0.count > 0 }) {
                powers[place] = powers[place + 1]
            }
            reach -= 1
        }
        return powers
    }

    /// The mean of all powers from `start` on, W, and the time that they span, s; nil where there is none. Each counts for as
    /// long as its window was.
    package func usual(from start: Double = -.infinity, until end: Double) -> (watts: Double, seconds: Double)? {
        let known = points.filter { $0.time > start && $0.time <= end && $0.watts.isFinite }
        guard let first = known.first, let last = known.last else { return nil }
        func weight(_ point: Point) -> Double { point.figures.window > 0 ? point.figures.window : 1 }
        let sum = known.reduce(0) { $0 + Double($1.watts) * weight($1) }
        return (sum / known.reduce(0) { $0 + weight($1) }, last.time - first.time)
    }
}

/// What has been used since the agent started; NaN where it is not known.
package struct Figures: Sendable, Equatable {
    package var joules = Double.nan
    package var cpuSeconds = Double.nan
    package var grams = Double.nan
    /// Of the reading, s.
    package var window = 0.0

    package init() {}

    package init(joules: Double?, cpuSeconds: Double?, grams: Double?, window: Double = 0) {
        self.joules = joules ?? .nan
        self.cpuSeconds = cpuSeconds ?? .nan
        self.grams = grams ?? .nan
        self.window = window
    }
}
