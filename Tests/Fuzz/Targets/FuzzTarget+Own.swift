internal import Snapshot
internal import SnapshotSamples
internal import Terminal

@testable internal import Ledger

extension FuzzTarget {
    /// Files and answers of our own, which others may have put in their place.
    static let own = [
        FuzzTarget("state-file", "a state file", largest: 65536, examples: { [StateSamples.file] }) { bytes in
            _ = try? LedgerState(decoding: bytes)
        },
        FuzzTarget(
            "state-blocks", "the blocks of a state file, whose checksums are put right", largest: 65536,
            examples: { [StateSamples.payload] }
        ) { bytes in
            let framed = StateSamples.framed(bytes)
            for version in LedgerState.oldestVersion...LedgerState.version {
                _ = StateDecoder.state(in: framed[...], version: version)
            }
        },
        FuzzTarget(
            "snapshot", "an agent's answer at /api/v1/snapshot", largest: 65536,
            examples: { (try? fullSnapshot().json()).map { [$0] } ?? [] }
        ) { bytes in
            guard let snapshot = try? Snapshot(json: bytes) else { return }
            let model = TopModel()
            for line in TableView.render(snapshot: snapshot, model: model, width: 120, look: .bare) {
                requirePrintable(line)
            }
            for shown in [
                snapshot, Fleet.merged([.init(name: "a", snapshot: snapshot), .init(name: "b", snapshot: snapshot)]),
            ] {
                if let shown { view(shown) }
            }
        },
    ]

    /// Every view of two readings.
    private static func view(_ snapshot: Snapshot) {
        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        session.model.columns = Column.allCases.filter { $0 != .name }
        session.take(snapshot)
        var next = snapshot
        next.unixTime += 1
        next.sequence &+= 1
        session.take(next)
        for key in "123456789z!c?vsm" {
            for key in [Key.character(key), .enter, .escape] {
                _ = session.handle(key)
                for line in session.render(TerminalSize(columns: 100, rows: 30)) { requirePrintable(line) }
            }
        }
    }
}
