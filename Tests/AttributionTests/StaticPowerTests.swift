import Attribution
import Testing
import Units

@Suite struct StaticPowerTests {
    @Test func atRestTheMeasuredPowerIsTheStaticPower() {
        var learner = StaticPower(idleShare: 0.1)
        learner.observe(power: Watts(33), utilization: 0, over: Seconds(1))
        #expect(learner.power == Watts(33))
    }

    @Test func aMachineThatWasNeverAtRestIsTakenToIdleAtThePublishedShare() throws {
        var learner = StaticPower(idleShare: 0.25)
        learner.observe(power: Watts(200), utilization: 1, over: Seconds(1))
        let power = try #require(learner.power)
        #expect(abs(power.value - 50) < 1e-9)
    }

    @Test func aQuieterWindowTeachesMoreAndABusierOneNothing() throws {
        var learner = StaticPower(idleShare: 0.25)
        learner.observe(power: Watts(200), utilization: 1, over: Seconds(1))
        learner.observe(power: Watts(60), utilization: 0.001, over: Seconds(1))
        let quiet = try #require(learner.power)
        #expect(quiet.value > 55 && quiet.value <= 60)
        for _ in 0..<50 { learner.observe(power: Watts(250), utilization: 0.9, over: Seconds(1)) }
        #expect(learner.power == quiet)
    }

    @Test func garbageTeachesNothing() {
        var learner = StaticPower(idleShare: 0.25)
        learner.observe(power: Watts(.nan), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(0), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(-5), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(5), utilization: .nan, over: Seconds(1))
        #expect(learner.power == nil)
    }
}

/// The agent was held up, and the window that follows lasts a millisecond: whatever it shows is mostly chance.
@Suite struct ShortWindowTests {
    private let trained: StaticPower = {
        var learner = StaticPower(idleShare: 0.25)
        for _ in 0..<100 { learner.observe(power: Watts(40), utilization: 0.02, over: Seconds(1)) }
        return learner
    }()

    @Test(arguments: [0, 0.02, 0.03]) func aShortWindowHardlyTeachesAnything(_ utilization: Double) throws {
        var learner = trained
        let before = try #require(learner.power)
        learner.observe(power: Watts(4000), utilization: utilization, over: Seconds(0.001))
        learner.observe(power: Watts(0.001), utilization: utilization, over: Seconds(0.001))
        let after = try #require(learner.power)
        #expect(abs(after.value - before.value) < 2, "\(before.value) became \(after.value)")
    }

    /// A window that seems quieter than any other must not be what all others are compared with from then on.
    @Test func aShortWindowDoesNotEndTheLearning() throws {
        var learner = trained
        learner.observe(power: Watts(4000), utilization: 0, over: Seconds(0.001))
        for _ in 0..<600 { learner.observe(power: Watts(30), utilization: 0.03, over: Seconds(1)) }
        let power = try #require(learner.power)
        #expect(power.value < 32, "\(power.value)")
    }

    /// Nothing but short windows: their mean, so that the first one does not decide.
    @Test func theFirstWindowsOfAllMayBeShort() throws {
        var learner = StaticPower(idleShare: 0.25)
        learner.observe(power: Watts(4000), utilization: 0, over: Seconds(0.001))
        for _ in 0..<20 { learner.observe(power: Watts(40), utilization: 0, over: Seconds(1)) }
        let power = try #require(learner.power)
        #expect(power.value < 50, "\(power.value)")
    }
}
