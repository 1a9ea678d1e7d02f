internal import Glibc

/// Whether two quantities differ, by a t test.
package struct Difference: Sendable, Equatable, Codable {
    /// The mean of the second minus that of the first.
    package var difference: Double
    /// The interval that contains the true difference 95 times out of 100.
    package var low: Double
    package var high: Double
    /// The second as a multiple of the first, and the interval of that; nil where one of them is not above zero.
    package var ratio: Double?
    package var ratioLow: Double?
    package var ratioHigh: Double?
    /// How often equal quantities would seem as different as this, or more, by chance: 0...1.
    package var probability: Double
    package var verdict: Verdict

    package enum Verdict: String, Sendable, Codable {
        /// Chance alone would show it less than once in a hundred times.
        case real
        /// Less than five times in a hundred.
        case likely
        case none

        init(_ probability: Double) {
            self = probability < 0.01 ? .real : probability < 0.05 ? .likely : .none
        }
    }

    /// The paired test: each of `first` was measured beside the one of `second` with the same number, so that what drifts
    /// cancels. nil for fewer than two pairs.
    package init?(pairs first: [Double], _ second: [Double]) {
        guard first.count == second.count, let found = Interval(zip(first, second).map { $1 - $0 }) else { return nil }
        self.init(found)
        guard (first + second).allSatisfy({ $0 > 0 }),
            // Of the logarithms, whose differences are ratios.
            let ratios = Interval(zip(first, second).map { log($1 / $0) })
        else { return }
        (ratio, ratioLow, ratioHigh) = (exp(ratios.mean), exp(ratios.low), exp(ratios.high))
    }

    /// Welch's test, of two samples that have nothing to do with each other. nil where one has fewer than two values.
    package init?(unpaired first: [Double], _ second: [Double]) {
        guard let found = Interval(first, second) else { return nil }
        self.init(found)
        guard (first + second).allSatisfy({ $0 > 0 }), let ratios = Interval(first.map(log), second.map(log)) else {
            return
        }
        (ratio, ratioLow, ratioHigh) = (exp(ratios.mean), exp(ratios.low), exp(ratios.high))
    }

    private init(_ found: Interval) {
        difference = found.mean
        (low, high) = (found.low, found.high)
        probability = found.probability
        verdict = Verdict(found.probability)
    }

    /// A mean difference and what contains the true one.
    private struct Interval {
        let mean: Double
        let low: Double
        let high: Double
        let probability: Double

        /// - Parameters:
        ///   - error: the standard error of the mean.
        ///   - freedom: degrees of freedom.
        private init(mean: Double, error: Double, freedom: Double) {
            let student = StudentT(degreesOfFreedom: freedom)
            let reach = student.bound(confidence: SampleStatistics.confidence) * error
            self.mean = mean
            (low, high) = (mean - reach, mean + reach)
            probability = error > 0 ? student.bothTails(beyond: mean / error) : mean == 0 ? 1 : 0
        }

        init?(_ differences: [Double]) {
            guard let sample = SampleStatistics(differences), let deviation = sample.deviation else { return nil }
            let n = Double(sample.count)
            self.init(mean: sample.mean, error: deviation / n.squareRoot(), freedom: n - 1)
        }

        /// B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
        /// involved", Biometrika 34 (1947).
        init?(_ first: [Double], _ second: [Double]) {
            guard let a = SampleStatistics(first), let b = SampleStatistics(second), let deviationA = a.deviation,
                let deviationB = b.deviation
            else { return nil }
            let partA = deviationA * deviationA / Double(a.count)
            let partB = deviationB * deviationB / Double(b.count)
            let sum = partA + partB
            let below = partA * partA / Double(a.count - 1) + partB * partB / Double(b.count - 1)
            self.init(
                mean: b.mean - a.mean, error: sum.squareRoot(),
                freedom: below > 0 ? sum * sum / below : Double(a.count + b.count - 2))
        }
    }
}
