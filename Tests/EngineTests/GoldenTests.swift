import FoundationEssentials
import GoldenSupport
import Snapshot
import SnapshotSamples
import Telemetry
import Terminal
import TestSupport
import Testing

/// What the agent serves for one scripted node, byte for byte.
@Suite struct GoldenTests {
    private static let quality = ["metered": true, "estimated": false]

    /// The node's last snapshot, sorted and without the names of temporary directories.
    private func snapshot(_ name: String) throws -> Snapshot {
        let node = try ScriptedNode(isMetered: Self.quality[name] == true)
        var snapshot = try node.play()
        snapshot.processes.sort { $0.pid < $1.pid }
        snapshot.commands.sort { ($0.workloadId, $0.comm) < ($1.workloadId, $1.comm) }
        var text = String(decoding: try snapshot.json(), as: UTF8.self)
        for directory in node.host.directories { text = text.replacing(directory, with: "/HOST") }
        return try Snapshot(json: Array(text.utf8))
    }

    @Test(arguments: quality.keys) func snapshotJSON(_ name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(snapshot(name))
        expectGolden(String(decoding: json, as: UTF8.self) + "\n", "\(name).json")
    }

    @Test(arguments: quality.keys) func metrics(_ name: String) throws {
        var selection = MetricSelection()
        // What has just begun has its true figures.
        selection.zeroTime = .zero
        let text = try snapshot(name).exposition(selection)
        expectGolden(String(decoding: text, as: UTF8.self), "\(name).metrics.txt")
    }

    @Test(arguments: quality.keys) func screens(_ name: String) throws {
        let snapshot = try snapshot(name)
        var text = ""
        for grouping in Grouping.offered(by: snapshot) {
            var model = TopModel(grouping: grouping)
            let lines = TopView.render(
                TopContent(snapshot), model: &model, size: TerminalSize(columns: 120, rows: 30), look: .bare)
            text += "== top, \(grouping.text)\n" + lines.map { "\($0)\n" }.joined()
        }
        var model = TopModel()
        model.panel = .notices
        let notices = TopView.render(
            TopContent(snapshot), model: &model, size: TerminalSize(columns: 80, rows: 20), look: .bare)
        text += "== notices\n" + notices.map { "\($0)\n" }.joined()
        model = TopModel()
        model.showsEnded = true
        let table = TableView.render(snapshot: snapshot, model: model, width: nil, look: .bare)
        text += "== table with what ended\n" + table.map { "\($0)\n" }.joined()
        let narrow = TopView.render(
            TopContent(snapshot), model: &model, size: TerminalSize(columns: 60, rows: 16), look: Look(.sixteen))
        text += "== top, narrow, in colour\n" + narrow.map { "\($0)\n" }.joined()
        expectGolden(text, "\(name).screens.txt")
    }
}
