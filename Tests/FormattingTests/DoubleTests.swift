import Formatting
import TestSupport
import Testing

@Suite struct DoubleTests {
    private func text(_ value: Double) -> String {
        String(decoding: ByteSink.collect { $0.append(upTo: 32) { $0.append(value) } }, as: UTF8.self)
    }

    @Test(arguments: [
        0, -0.0, 1, -1, 10, 100, 0.1, 0.5, 1e-3, 1e-4, 1e-5, 1.5e-5, 123_456.789, 1e15, 1e16, 0x1p53, 0x1p54, 0x1p55,
        1.8014398509481988e16, 1e22, 1e23, 9_007_199_254_740_992, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        .leastNormalMagnitude,
        .infinity, -.infinity, .nan, 0.3, 2.0 / 3, 1_767_323_045.678, 1e-40, 1e70, 1e100, 4.35, 0.000_001_5,
    ])
    func numbersAreTheLibrarysOwn(_ value: Double) {
        #expect(text(value) == "\(value)")
    }

    /// Every power of two has a nearer neighbour below it.
    @Test func powersOfTwoAndTheirNeighbours() {
        for exponent in -200...200 {
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            for value in [power, power.nextUp, power.nextDown, -power] where text(value) != "\(value)" {
                Issue.record("\(value) became \(text(value))")
            }
        }
    }

    /// Whatever bits there are, and the sizes that metrics have.
    @Test func randomNumbersAreTheLibrarysOwn() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<100_000 {
            let numbers = [
                Double(bitPattern: .random(in: 0 ... .max, using: &random)),
                Double(UInt64.random(in: 0...10_000_000_000_000, using: &random)) / 1e9,
                Double(UInt64.random(in: 0...100_000, using: &random)) / 1e3,
                .random(in: 0...1000, using: &random), .random(in: 0...1e-6, using: &random),
                Double(Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)),
            ]
            for value in numbers where text(value) != "\(value)" { Issue.record("\(value) became \(text(value))") }
        }
    }

    @Test(arguments: [(1.0, "1"), (0.5, "0.5"), (0, "0"), (1e16, "1e+16"), (-3, "-3"), (1e-7, "1e-07"), (20, "20")])
    func jsonHasNoPointWithoutNeed(_ value: Double, _ expected: String) {
        let bytes = ByteSink.collect { $0.append(upTo: 32) { $0.append(json: value) } }
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
}
