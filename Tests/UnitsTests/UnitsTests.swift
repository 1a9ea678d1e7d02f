import Testing
import Units

@Suite struct UnitsTests {
    @Test func joulesRoundToWholeMicrojoules() {
        #expect(Microjoules(joules: 1.2345678).count == 1_234_568)
        #expect(Microjoules(1_500_000).joules == 1.5)
    }

    @Test(arguments: [-1, .nan, .infinity, -.infinity, 1e300])
    func whatIsNoAmountOfEnergyIsNone(_ joules: Double) {
        #expect(Microjoules(joules: joules) == .zero)
    }

    @Test func powerIsEnergyOverTime() {
        #expect(Microjoules(joules: 10).power(over: Seconds(4)) == Watts(2.5))
        #expect(Microjoules(joules: 10).power(over: Seconds(0)) == Watts(0))
        #expect(Watts(2.5).energy(over: Seconds(4)) == Microjoules(joules: 10))
    }
}
