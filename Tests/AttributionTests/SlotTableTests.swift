import TestSupport
import Testing

@testable import Attribution

@Suite struct SlotTableTests {
    /// Whatever the ids, those that share a place included: the table says what a dictionary would.
    @Test func findsWhatADictionaryFinds() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            var expected: [UInt64: Int] = [:]
            for slot in 0..<Int.random(in: 0...PowerRegression.capacity, using: &generator) {
                expected[.random(in: 0...40, using: &generator)] = slot
            }
            let table = SlotTable(expected.map { ($0, $1) })
            for id in 0...60 as ClosedRange<UInt64> { #expect(table[id] == expected[id]) }
            #expect(table[.max] == nil)
        }
    }
}
