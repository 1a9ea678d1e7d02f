import Runs
import TestSupport
import Testing

@Suite struct StatisticsTests {
    /// Two-sided bounds as published: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    @Test(
        arguments: [
            (1, 0.95, 12.706), (2, 0.95, 4.303), (4, 0.95, 2.776), (9, 0.95, 2.262), (29, 0.95, 2.045),
            (100, 0.95, 1.984), (1, 0.99, 63.657), (5, 0.99, 4.032), (10, 0.99, 3.169), (30, 0.99, 2.750),
            (10, 0.90, 1.812), (3, 0.998, 10.215),
        ] as [(Double, Double, Double)])
    func boundsAreThePublishedOnes(_ freedom: Double, _ confidence: Double, _ published: Double) {
        let bound = StudentT(degreesOfFreedom: freedom).bound(confidence: confidence)
        #expect(abs(bound - published) <= 0.0006, "\(bound)")
    }

    @Test func tailsAndBoundsAreInverse() {
        for freedom in [1, 1.5, 2, 7.3, 50, 1000] {
            let student = StudentT(degreesOfFreedom: freedom)
            for confidence in [0.1, 0.5, 0.95, 0.999] {
                #expect(abs(student.bothTails(beyond: student.bound(confidence: confidence)) - (1 - confidence)) < 1e-9)
            }
        }
        #expect(StudentT(degreesOfFreedom: 3).bothTails(beyond: 0) == 1)
        #expect(
            StudentT(degreesOfFreedom: 3).bothTails(beyond: -2) == StudentT(degreesOfFreedom: 3).bothTails(beyond: 2))
        #expect(StudentT(degreesOfFreedom: 3).bothTails(beyond: .infinity) == 0)
    }

    @Test func aSampleHasMeanDeviationAndInterval() throws {
        #expect(SampleStatistics([]) == nil)
        let one = try #require(SampleStatistics([3]))
        #expect(one.mean == 3 && one.deviation == nil && one.low == nil && one.high == nil)
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares 32.
        let sample = try #require(SampleStatistics([2, 4, 4, 4, 5, 5, 7, 9]))
        #expect(abs(sample.mean - 5) < 1e-12 && abs((sample.deviation ?? 0) - 2.13809) < 1e-5)
        // t(7) = 2.365
        #expect(abs((sample.reach ?? 0) - 2.365 * 2.13809 / 8.0.squareRoot()) < 1e-3)
    }

    /// Student's own example: hours of sleep that two soporifics gave the same ten patients ("The probable error of a
    /// mean", 1908). t = 4.0621, p = 0.002833, interval 0.70 to 2.46; by Welch t = 1.8608, df = 17.776, p = 0.07939,
    /// interval -0.2055 to 3.3655 (as R's `t.test(extra ~ group, data = sleep)` prints them).
    @Test func theTestsFindWhatIsPublished() throws {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
        let paired = try #require(Difference(pairs: first, second))
        #expect(abs(paired.difference - 1.58) < 1e-9 && abs(paired.probability - 0.002833) < 1e-6)
        #expect(abs(paired.low - 0.7001142) < 1e-6 && abs(paired.high - 2.4598858) < 1e-6)
        #expect(paired.verdict == .real && paired.ratio == nil)
        let welch = try #require(Difference(unpaired: first, second))
        #expect(abs(welch.probability - 0.07939) < 1e-5)
        #expect(abs(welch.low + 0.2054832) < 1e-6 && abs(welch.high - 3.3654832) < 1e-6)
        #expect(welch.verdict == .none)
    }

    @Test func ratiosAreThoseOfThePairs() throws {
        let drift = [1.0, 1.3, 1.7, 2.6]
        let found = try #require(Difference(pairs: drift, drift.map { $0 * 1.1 }))
        #expect(abs((found.ratio ?? 0) - 1.1) < 1e-12 && found.verdict != .none)
        // Welch, which does not know of the drift, finds nothing.
        #expect(try #require(Difference(unpaired: drift, drift.map { $0 * 1.1 })).verdict == .none)
        let same = try #require(Difference(pairs: drift, drift))
        #expect(same.probability == 1 && same.verdict == .none && same.ratio == 1)
        #expect(Difference(pairs: [1], [2]) == nil && Difference(pairs: [1, 2], [2]) == nil)
        #expect(Difference(unpaired: [1, 2], [2]) == nil)
    }

    /// The interval of five noisy measurements contains the truth in 95 of 100 samples, and equal commands are called
    /// different in one of a hundred.
    @Test func intervalsContainTheTruthAsOftenAsTheySay() throws {
        var generator = SeededGenerator(seed: 11)
        // Sums of uniform numbers: close to a normal distribution.
        func series() -> [Double] {
            (0..<5).map { _ in
                100 + (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: -1.5...1.5, using: &generator) }
            }
        }
        var (hits, differences, ratioHits) = (0, 0, 0)
        let rounds = 2000
        for _ in 0..<rounds {
            let (a, b) = (series(), series())
            let sample = try #require(SampleStatistics(a))
            if (sample.low ?? .infinity) <= 100, (sample.high ?? 0) >= 100 { hits += 1 }
            let found = try #require(Difference(pairs: a, b))
            if found.verdict == .real { differences += 1 }
            if (found.ratioLow ?? .infinity) <= 1, (found.ratioHigh ?? 0) >= 1 { ratioHits += 1 }
        }
        // Three standard errors of 2000 rounds are 1.5 points and 0.7 points.
        #expect(abs(Double(hits) / Double(rounds) - 0.95) < 0.015, "\(hits)")
        #expect(abs(Double(ratioHits) / Double(rounds) - 0.95) < 0.015, "\(ratioHits)")
        #expect(abs(Double(differences) / Double(rounds) - 0.01) < 0.007, "\(differences)")
    }
}
