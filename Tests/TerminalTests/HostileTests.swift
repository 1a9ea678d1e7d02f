import Snapshot
import Testing

@testable import Terminal

/// Whatever an agent says, the view shows something and goes on.
@Suite struct HostileTests {
    private static let views: [[Key]] = [
        [], [.character("2")], [.character("3")], [.character("4")], [.character("5")], [.character("6")],
        [.character("7")], [.character("8")], [.character("1"), .enter], [.character("!")], [.character("c")],
        [.character("?")], [.escape, .character("z"), .character("e")], [.character("m")], [.character("t")],
        [.character("v"), .character("6")], [.escape, .character("s")], [.escape, .character("[")], [.character("{")],
        [.character("/"), .character("w"), .enter],
    ]
    private static let sizes = [(1, 1), (20, 5), (80, 24), (200, 60)]

    @Test(arguments: 0..<12) func anyFiguresAreShown(_ seed: Int) {
        var snapshots = HostileSnapshots(seed: UInt64(seed))
        for (columns, rows) in Self.sizes {
            var session = Session(model: TopModel(), look: Look(.indexed), choosesGrouping: true)
            session.model.columns = Column.choosable
            for view in Self.views {
                session.take(snapshots.next())
                for key in view { _ = session.handle(key) }
                let lines = session.render(TerminalSize(columns: columns, rows: rows))
                #expect(lines.count <= rows)
            }
        }
    }

    @Test(arguments: 0..<12) func anyFiguresAreAddedUp(_ seed: Int) {
        var snapshots = HostileSnapshots(seed: UInt64(seed + 100))
        let reports = (0..<3).map { NodeReport(name: "n\($0)", snapshot: snapshots.next()) }
        guard let whole = Fleet.merged(reports) else {
            Issue.record("all nodes answered")
            return
        }
        let lines = TableView.render(snapshot: whole, model: TopModel(), width: 120, look: .bare)
        #expect(lines.count > 3)
        #expect(!ReaderView.lines(whole, model: TopModel(grouping: .pod), showsNotices: true).isEmpty)
    }

    @Test func conversionsSaturate() {
        #expect(Int(nearest: .nan) == 0 && Int(nearest: .infinity) == .max && Int(nearest: -.infinity) == .min)
        #expect(UInt64(nearest: -1) == 0 && UInt64(nearest: 18_446_744_073_709_551_616) == .max)
        #expect(Int(nearest: 9_223_372_036_854_775_808) == .max && Int(nearest: 2.9) == 2 && Int(nearest: -2.9) == -2)
        #expect(Int.saturatingSum(.max, 1) == .max && Int.saturatingSum(.min, -1) == .min)
        #expect(UInt64.saturatingSum(.max, 5) == .max && UInt64.saturatingSum(2, 3) == 5)
    }
}
