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
        },
    ]
}
