import Formatting
import TestSupport
import Testing

@Suite struct IntegerTests {
    private func text(_ body: (inout ByteCursor) -> Void) -> String {
        String(decoding: ByteSink.collect { sink in sink.append(upTo: 32) { body(&$0) } }, as: UTF8.self)
    }

    @Test func integersAreWrittenWhole() {
        var edges: [UInt64] = [0, .max]
        for power in 0...63 { edges += [1 << power, 1 << power - 1, 1 << power + 1] }
        var ten: UInt64 = 1
        for _ in 0..<19 {
            ten *= 10
            edges += [ten - 1, ten, ten + 1]
        }
        for number in edges { #expect(text { $0.append(number) } == "\(number)") }
        for number in [Int64.min, -10, -1, 0, 1, .max] { #expect(text { $0.append(number) } == "\(number)") }
    }

    @Test(arguments: [
        (0, "0"), (1, "0.000001"), (10, "0.000010"), (999_999, "0.999999"), (1_000_000, "1"), (1_500_000, "1.500000"),
        (1_000_001, "1.000001"), (UInt64.max, "18446744073709.551615"), (120_000_000, "120"), (123_450, "0.123450"),
    ])
    func millionthsAreExact(_ number: UInt64, _ expected: String) {
        #expect(text { $0.append(millionths: number) } == expected)
    }

    /// Pieces of any size, through a buffer that is smaller than some of them.
    @Test func nothingIsLostBetweenTheBuffers() {
        var random = SeededGenerator(seed: 3)
        var (expected, written): ([UInt8], [UInt8]) = ([], [])
        let sink = ByteSink(capacity: 64) { written += $0 }
        for _ in 0..<500 {
            let piece = [UInt8](
                repeating: .random(in: 0...255, using: &random), count: .random(in: 0...200, using: &random))
            expected += piece
            sink.append(upTo: piece.count) { $0.append(piece) }
        }
        sink.flush()
        #expect(written == expected)
    }
}
