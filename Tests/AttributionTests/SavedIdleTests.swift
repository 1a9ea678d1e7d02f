import Attribution
import TestSupport
import Testing
import Units

/// What was learned of the idle power, as it is kept in the state file.
@Suite struct SavedIdleTests {
    private func trained() -> StaticPower {
        var learner = StaticPower(prior: IdlePrior(share: 0.2))
        for second in 0..<200 {
            let load = second % 40 < 20 ? 0.004 : 0.6
            learner.observe(power: Watts(30 + 50 * load), utilization: load, over: Seconds(1))
        }
        return learner
    }

    @Test func itComesBackAsItWas() throws {
        let before = trained()
        var after = StaticPower(prior: IdlePrior(share: 0.2))
        #expect(after.saved == nil && after.estimate == nil)
        #expect(after.restore(try #require(before.saved), isSameBoot: true))
        let (old, new) = (try #require(before.estimate), try #require(after.estimate))
        #expect(new.quality == .learned && abs(new.power.value - old.power.value) < 0.2)
        #expect(abs(new.bounds.lowerBound.value - old.bounds.lowerBound.value) < 0.2)
        #expect(new.quietest == old.quietest)
        // Under load from then on, it stays what it was.
        for _ in 0..<60 { after.observe(power: Watts(62), utilization: 0.6, over: Seconds(1)) }
        #expect(abs((after.estimate?.power.value ?? 0) - 30.2) < 1 && after.estimate?.quality == .learned)
    }

    /// C-states that were switched off before the boot: a minute at rest shows it.
    @Test func afterABootNewEvidenceSoonWeighsMore() throws {
        func settle(isSameBoot: Bool) throws -> Double {
            var learner = StaticPower(prior: IdlePrior(share: 0.2))
            learner.restore(try #require(trained().saved), isSameBoot: isSameBoot)
            for _ in 0..<150 { learner.observe(power: Watts(60), utilization: 0.004, over: Seconds(1)) }
            return try #require(learner.estimate).power.value
        }
        let (after, within) = (try settle(isSameBoot: false), try settle(isSameBoot: true))
        #expect(after > 47 && after > within)
    }

    @Test func noNumbersDoHarm() throws {
        let good = try #require(trained().saved)
        var generator = SeededGenerator(seed: 4)
        for round in 0..<3000 {
            var bad = good
            switch round % 3 {
            case 0: bad.removeLast(Int.random(in: 1...bad.count, using: &generator))
            case 1:
                for _ in 0..<3 {
                    bad[Int.random(in: bad.indices, using: &generator)] = Double(
                        bitPattern: .random(in: 0 ... .max, using: &generator))
                }
            default:
                let extremes: [Double] = [0, -1, .nan, .infinity, 1e300, 1e-300]
                bad[Int.random(in: bad.indices, using: &generator)] = extremes.randomElement(using: &generator) ?? 0
            }
            var learner = StaticPower(prior: IdlePrior(share: 0.2))
            let isTaken = learner.restore(bad, isSameBoot: round % 2 == 0)
            #expect(isTaken || learner.estimate == nil)
            learner.observe(power: Watts(40), utilization: 0.3, over: Seconds(3))
            let estimate = try #require(learner.estimate)
            #expect(estimate.power.value.isFinite && estimate.bounds.lowerBound.value > 0)
            #expect(estimate.bounds.contains(estimate.power))
        }
    }
}
