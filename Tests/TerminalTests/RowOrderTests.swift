import TestSupport
import Testing

@testable import Terminal

@Suite struct RowOrderTests {
    private func row(_ id: String, _ watts: Double?) -> Row {
        Row(id: id, kind: "k", name: id, detail: "", watts: watts)
    }

    private func order(of rows: [Row], after old: [Row], reversed: Bool = false) -> [String] {
        var order = RowOrder()
        order.keep(old, sort: .watts, isReversed: reversed)
        return order.arranged(rows, sort: .watts, isReversed: reversed).map(\.id)
    }

    @Test func smallDifferencesDoNotSwapRows() {
        let old = [row("a", 2), row("b", 1.9), row("c", 1)]
        #expect(order(of: [row("b", 2.05), row("a", 2), row("c", 1)], after: old) == ["a", "b", "c"])
        #expect(order(of: [row("b", 2.3), row("a", 2), row("c", 1)], after: old) == ["b", "a", "c"])
        #expect(order(of: [row("a", 2), row("b", nil), row("c", 1)], after: old) == ["a", "c", "b"])
    }

    @Test func whatIsNewTakesItsPlace() {
        let old = [row("a", 2), row("b", 1)]
        #expect(order(of: [row("a", 2), row("b", 1), row("n", 1.5), row("m", 3)], after: old) == ["m", "a", "n", "b"])
    }

    @Test func anotherSortForgetsTheOrder() {
        var order = RowOrder()
        order.keep([row("b", 1), row("a", 1.05)], sort: .watts, isReversed: false)
        let rows = [row("a", 1.05), row("b", 1)]
        #expect(order.arranged(rows, sort: .watts, isReversed: false).map(\.id) == ["b", "a"])
        #expect(order.arranged(rows, sort: .cpu, isReversed: false).map(\.id) == ["a", "b"])
        #expect(order.arranged(rows, sort: .name, isReversed: false).map(\.id) == ["a", "b"])
    }

    /// Whatever the figures do, no row stands above one that clearly exceeds it, and none is lost.
    @Test(arguments: 0..<100)
    func theOrderIsNeverFarFromTrue(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let isReversed = seed % 2 == 1
        var order = RowOrder()
        for _ in 0..<10 {
            let ids = (0..<30).filter { _ in Int.random(in: 0...9, using: &random) > 1 }
            let rows = ids.map { row("\($0)", Double.random(in: 0...5, using: &random)) }.shuffled(using: &random)
            let arranged = order.arranged(rows, sort: .watts, isReversed: isReversed)
            order.keep(arranged, sort: .watts, isReversed: isReversed)
            #expect(Set(arranged.map(\.id)) == Set(rows.map(\.id)) && arranged.count == rows.count)
            let watts = arranged.compactMap(\.watts)
            for (index, upper) in watts.enumerated() {
                for lower in watts.dropFirst(index + 1) {
                    // New rows are placed by the first that they exceed, so the margin may count twice.
                    let (more, less) = isReversed ? (upper, lower) : (lower, upper)
                    #expect(more <= less * 1.1 * 1.1 + 0.03)
                }
            }
        }
    }
}
