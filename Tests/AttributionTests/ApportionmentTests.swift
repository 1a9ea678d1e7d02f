import Attribution
import TestSupport
import Testing
import Units

@Suite struct ApportionmentTests {
    @Test func sharesAddUpToTheTotalExactly() {
        var generator = SeededGenerator(seed: 1)
        var shares: [UInt64] = []
        for _ in 0..<2000 {
            let weights = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
                Bool.random(using: &generator) ? 0 : UInt64.random(in: 0...4_000_000_000, using: &generator)
            }
            let total = Microjoules(.random(in: 0...1_000_000_000_000, using: &generator))
            let handedOut = apportion(total, by: weights, into: &shares)
            #expect(shares.count == weights.count)
            #expect(shares.reduce(0, +) == handedOut.count)
            #expect(handedOut == (weights.allSatisfy { $0 == 0 } ? .zero : total))
        }
    }

    @Test func everyShareIsWithinOneMicrojouleOfItsTrueValue() {
        var generator = SeededGenerator(seed: 2)
        var shares: [UInt64] = []
        for _ in 0..<500 {
            let weights = (0..<50).map { _ in UInt64.random(in: 0...1_000_000, using: &generator) }
            let total = UInt64.random(in: 0...1_000_000_000, using: &generator)
            _ = apportion(Microjoules(total), by: weights, into: &shares)
            let sum = Double(weights.reduce(0, +))
            for (share, weight) in zip(shares, weights) {
                #expect(abs(Double(share) - Double(total) * Double(weight) / sum) < 1)
            }
        }
    }

    @Test func whoDidNothingGetsNothing() {
        var shares: [UInt64] = []
        _ = apportion(Microjoules(1_000_003), by: [0, 5, 0, 7, 0], into: &shares)
        #expect(shares[0] == 0 && shares[2] == 0 && shares[4] == 0)
        #expect(shares[1] + shares[3] == 1_000_003)
    }

    @Test func extremesNeitherTrapNorLose() {
        var shares: [UInt64] = []
        for weights in [[UInt64.max, .max, 1], [.max], [0, .max - 1, 2], [1, 1, 1]] {
            let handedOut = apportion(Microjoules(.max), by: weights, into: &shares)
            #expect(handedOut == Microjoules(.max))
            #expect(shares.reduce(0, +) == .max)
        }
        #expect(apportion(Microjoules(5), by: [], into: &shares) == .zero)
    }
}
