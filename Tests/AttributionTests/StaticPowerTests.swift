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
