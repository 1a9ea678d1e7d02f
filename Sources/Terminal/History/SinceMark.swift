package import Snapshot

/// A moment that the user has marked: what has been used since, and, where there was a mark before it, how that compares.
package struct SinceMark: Sendable {
    /// Unix time, s.
    package let time: Double
    private let figures: [String: Figures]
    /// From the mark before to this one; nil where this is the first.
    package let before: Period?

    /// What was used between two marks.
    package struct Period: Sendable {
        /// s.
        package let seconds: Double
        /// Mean power by the id of a row, W.
        let watts: [String: Double]
        let joules: [String: Double]
    }

    /// Marks the moment of `snapshot`.
    package init(_ snapshot: Snapshot, after earlier: SinceMark? = nil) {
        time = snapshot.unixTime
        var figures: [String: Figures] = [:]
        snapshot.eachSeries { figures[$0] = $1.figures }
        self.figures = figures
        let seconds = snapshot.unixTime - (earlier?.time ?? 0)
        before = earlier.flatMap { earlier in
            guard seconds > 0 else { return earlier.before }
            // What came after the mark has used all that it has used since.
            let joules = figures.compactMapValues(\.joules.known).map {
                ($0, $1 - (earlier.figures[$0]?.joules.known ?? 0))
            }
            let grown = Dictionary(joules.filter { $1 >= 0 }) { first, _ in first }
            return Period(seconds: seconds, watts: grown.mapValues { $0 / seconds }, joules: grown)
        }
    }

    /// Turns the cumulative figures of `row` into those since the mark, and its power into the mean.
    func apply(to row: inout Row, at now: Double) {
        let seconds = now - time
        let base = figures[row.id]
        row.wattsBefore = before?.watts[row.id]
        // Sums that the view makes itself have no series.
        guard base != nil || !row.isPart, !SeriesID.collects(row.id) else {
            (row.joules, row.grams) = (nil, nil)
            return
        }
        func since(_ value: Double?, _ base: Double?) -> Double? {
            value.flatMap { $0 - (base?.known ?? 0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        row.joules = since(row.joules, base?.joules)
        row.grams = since(row.grams, base?.grams)
        row.cpuSeconds = since(row.cpuSeconds, base?.cpuSeconds)
        guard seconds > 0 else { return }
        row.watts = row.joules.map { $0 / seconds }
        row.cpus = row.cpuSeconds.map { $0 / seconds }
    }
}

extension Double {
    /// Nil for NaN.
    fileprivate var known: Double? { isFinite ? self : nil }
}
