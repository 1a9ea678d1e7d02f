import Metering
import TestSupport
import Testing
import Units

@Suite struct EnergyCounterTests {
    private let range: UInt64 = 262_143_328_850

    @Test func theFirstReadingIsABaseAndNoEnergy() {
        var counter = EnergyCounter(range: range)
        #expect(counter.advance(to: 200_000_000_000, at: Seconds(0)) == .base)
        #expect(counter.total == .zero)
        #expect(counter.advance(to: 200_000_000_500, at: Seconds(1)) == .advance)
        #expect(counter.total == Microjoules(500))
    }

    @Test func aWrapIsEnergy() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: range - 30_000_000, at: Seconds(0))
        #expect(counter.advance(to: 70_000_000, at: Seconds(1)) == .wrap)
        #expect(counter.total == Microjoules(100_000_000))
    }

    @Test func aResetIsNone() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 100_000_000_000, at: Seconds(0))
        #expect(counter.advance(to: 5, at: Seconds(1)) == .reset)
        #expect(counter.total == .zero)
        #expect(counter.advance(to: 105, at: Seconds(2)) == .advance)
        #expect(counter.total == Microjoules(100))
    }

    @Test func withoutARangeEveryFallIsAReset() {
        var counter = EnergyCounter(range: nil)
        _ = counter.advance(to: .max, at: Seconds(0))
        #expect(counter.advance(to: 0, at: Seconds(1)) == .reset)
        #expect(counter.total == .zero)
    }

    @Test func whatNoMachineDrawsIsDiscarded() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 0, at: Seconds(0))
        #expect(counter.advance(to: 100_000_000_000, at: Seconds(1)) == .implausible)
        #expect(counter.advance(to: range + 1, at: Seconds(2)) == .implausible)
        #expect(counter.advance(to: 10_000_000, at: Seconds(3)) == .base)
        #expect(counter.advance(to: 60_000_000, at: Seconds(4)) == .advance)
        #expect(counter.total == Microjoules(50_000_000))
    }

    @Test func afterAGapInWhichItMayHaveWrappedTwiceItStartsAnew() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 1000, at: Seconds(0))
        #expect(counter.advance(to: 2000, at: Seconds(600)) == .base)
        #expect(counter.total == .zero)
    }

    /// Any sequence of readings: the total never falls and never grows faster than the highest power.
    @Test func fuzz() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            var counter = EnergyCounter(range: Bool.random(using: &generator) ? range : nil)
            var now = 0.0
            var before = Microjoules.zero
            for _ in 0..<200 {
                let step = Double.random(in: 0...3, using: &generator)
                now += step
                let value: UInt64 =
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: .random(in: 0...UInt64.max, using: &generator)
                    case 1: .random(in: 0...range, using: &generator)
                    case 2: 0
                    default: .random(in: 0...300_000_000, using: &generator)
                    }
                _ = counter.advance(to: value, at: Seconds(now))
                #expect(counter.total >= before)
                #expect((counter.total - before).joules <= 10_000 * (step + 0.03))
                before = counter.total
            }
        }
    }
}
