import Attribution
import TestSupport
import Testing
import Units

@testable import Metering

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

    /// What is counted after the reset is energy, though it takes some seconds to be sure of it.
    @Test(arguments: [262_143_328_850, nil] as [UInt64?]) func aResetLosesOnlyWhatTheCounterLost(_ range: UInt64?) {
        var counter = EnergyCounter(range: range)
        for second in 0...20 {
            _ = counter.advance(to: 100_000_000_000 + UInt64(second) * 30_000_000, at: Seconds(Double(second)))
        }
        let events = (0...5).map {
            counter.advance(to: 5 + UInt64($0) * 30_000_000, at: Seconds(21 + Double($0)))
        }
        #expect(events == [.held, .held, .held, .reset, .advance, .advance])
        #expect(counter.total == Microjoules((20 + 5) * 30_000_000))
        #expect(abs(counter.lost.joules - 30) < 5, "\(counter.lost.joules)")
        #expect(counter.refused == .zero)
    }

    /// One reading of zero among good ones is no reset.
    @Test func aSingleFallIsAFault() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 100_000_000_000, at: Seconds(0))
        #expect(counter.advance(to: 0, at: Seconds(1)) == .held)
        #expect(counter.advance(to: 100_060_000_000, at: Seconds(2)) == .advance)
        #expect(counter.total == Microjoules(60_000_000) && counter.lost == .zero)
    }

    @Test func whatNoMachineDrawsIsDiscarded() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 0, at: Seconds(0))
        #expect(counter.advance(to: 100_000_000_000, at: Seconds(1)) == .implausible)
        #expect(counter.advance(to: range + 1, at: Seconds(2)) == .implausible)
        #expect(counter.advance(to: 10_000_000, at: Seconds(3)) == .advance)
        #expect(counter.advance(to: 60_000_000, at: Seconds(4)) == .advance)
        #expect(counter.total == Microjoules(60_000_000))
        #expect(counter.refused == Microjoules(100_000_000_000))
    }

    /// A package of 6 W whose readings are 697 J ahead for one second in four, as of an AMD 7840HS.
    @Test(arguments: [1.0, 0.3, 2, 5]) func readingsAheadOfTheLineAreFaultsAndNoEnergy(_ interval: Double) {
        let limit = PowerLimit.highest(.package, constraints: [95_000_000], design: nil)
        var counter = EnergyCounter(range: 65_532_610_987, highestPower: limit)
        var faults = 0
        var before = Microjoules.zero
        for step in 0...Int(400 / interval) {
            let now = Double(step) * interval + 0.01
            for now in [now, now + 0.002] {
                let value = 30_000_000_000 + UInt64(6e6 * now) + (Int(now) % 4 == 1 ? 697_000_000 : 0)
                if counter.advance(to: value, at: Seconds(now)) == .implausible { faults += 1 }
            }
            #expect(counter.total >= before)
            before = counter.total
        }
        // What fits below the limit in a long window is taken back later: never more than one such step too much.
        #expect(abs(counter.total.joules - 2400) < (interval < 2 ? 13 : 700), "\(counter.total.joules) J")
        if interval < 2 {
            #expect(faults == 100)
            #expect(abs(counter.refused.joules - 100 * 697) < 100 * 7)
        }
    }

    /// Without any limit of the zone the line takes back what a fault had too much.
    @Test(arguments: [1, 2, 3] as [UInt64]) func aCounterThatJittersIsNotCountedTwice(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var counter = EnergyCounter(range: range)
        for second in 0...600 {
            let jitter = Double.random(in: 0...50, using: &generator)
            let joules = 5000 + 20 * Double(second) - jitter
            _ = counter.advance(to: UInt64(joules * 1e6), at: Seconds(Double(second)))
        }
        #expect(abs(counter.total.joules - 12_000) <= 55, "\(counter.total.joules) J")
    }

    /// A counter that stays ahead continues from there; the jump is refused and known.
    @Test func aJumpIsRefusedAndTheRestIsCounted() {
        var counter = EnergyCounter(range: range, highestPower: Watts(300))
        for second in 0...30 {
            let jump: UInt64 = second > 10 ? 40_000_000_000 : 0
            _ = counter.advance(to: UInt64(second) * 50_000_000 + jump, at: Seconds(Double(second)))
        }
        #expect(counter.total == Microjoules(29 * 50_000_000))
        #expect(counter.refused == Microjoules(40_050_000_000) && counter.lost == .zero)
    }

    /// A counter that is renewed seldom steps by a lot.
    @Test func aCounterThatIsRenewedEveryFewSecondsIsBelieved() {
        var counter = EnergyCounter(range: range, highestPower: Watts(300))
        for step in 0...200 {
            let now = Double(step) * 0.1
            #expect(counter.advance(to: UInt64(now / 5) * 5 * 200_000_000, at: Seconds(now)).isSettled)
        }
        #expect(counter.total == Microjoules(20 * 200_000_000))
    }

    @Test func afterAGapInWhichItMayHaveWrappedTwiceItStartsAnew() {
        var counter = EnergyCounter(range: range)
        _ = counter.advance(to: 1000, at: Seconds(0))
        _ = counter.advance(to: 50_001_000, at: Seconds(1))
        #expect(counter.advance(to: 2000, at: Seconds(601)) == .base)
        #expect(counter.total == Microjoules(50_000_000))
        // By the power before, as far as that is known.
        #expect(counter.lost > .zero && counter.lost <= Microjoules(600 * 50_000_000))
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
                #expect((counter.total - before).joules <= 10_000 * (now + 0.26) - before.joules)
                before = counter.total
            }
        }
    }
}
