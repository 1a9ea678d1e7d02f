import Energy
import TestSupport
import Testing

@Suite struct ZoneAttributorTests {
    private let zone = Zone(name: "package-0", component: .package, source: "rapl", quality: .measured)

    @Test func everyWindowIsConservedToTheMicrojoule() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<50 {
            var attributor = ZoneAttributor(idleShare: .random(in: 0...1, using: &generator))
            var shares: [UInt64] = []
            for _ in 0..<100 {
                let duration = Seconds(.random(in: 0...3, using: &generator))
                let reading = ZoneReading(
                    zone: zone, energy: Microjoules(.random(in: 0...500_000_000, using: &generator)),
                    late: Microjoules(.random(in: 0...1000, using: &generator)),
                    staticPower: Bool.random(using: &generator) ? Watts(.random(in: 0...400, using: &generator)) : nil)
                let weights = (0..<20).map { _ in UInt64.random(in: 0...1_000_000_000, using: &generator) }
                let split = attributor.attribute(
                    reading, duration: duration, utilization: .random(in: 0...1, using: &generator),
                    weights: weights, into: &shares)
                let sum = shares.reduce(0, +) + split.idle.count + split.unattributed.count
                #expect(sum == reading.energy.count + reading.late.count)
            }
        }
    }

    @Test func whatAnIdleMachineDrawsIsNotBilledToWhoRuns() {
        var attributor = ZoneAttributor(idleShare: 0.2)
        var shares: [UInt64] = []
        // 20 W while idle, then 20 W + 60 W at full load.
        _ = attributor.attribute(
            ZoneReading(zone: zone, energy: Microjoules(joules: 20)), duration: Seconds(1), utilization: 0,
            weights: [0, 0], into: &shares)
        let split = attributor.attribute(
            ZoneReading(zone: zone, energy: Microjoules(joules: 80)), duration: Seconds(1), utilization: 1,
            weights: [1, 3], into: &shares)
        #expect(abs(split.idle.joules - 20) < 0.1)
        #expect(abs(Double(shares[0]) / 1e6 - 15) < 0.1)
        #expect(abs(Double(shares[1]) / 1e6 - 45) < 0.1)
    }

    @Test func energyOfAWindowInWhichNobodyRanIsIdle() {
        var attributor = ZoneAttributor(idleShare: 0.2)
        var shares: [UInt64] = []
        let split = attributor.attribute(
            ZoneReading(zone: zone, energy: Microjoules(joules: 50)), duration: Seconds(1), utilization: 0.5,
            weights: [0], into: &shares)
        #expect(split.idle == Microjoules(joules: 50))
    }
}

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
