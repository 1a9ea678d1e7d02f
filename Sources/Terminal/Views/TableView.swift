package import Snapshot

/// The table as plain text, for pipes and files.
package enum TableView {
    /// Summary, an empty line, titles, and every row that `model` asks for. Nil `width`: nothing is cut.
    package static func render(snapshot: Snapshot, model: TopModel, width: Int?, look: Look) -> [String] {
        let columns = PlainColumns(width: width)
        let node = NodeRates(snapshot)
        let (rows, leftOut) = Rows.make(snapshot, model: model)
        var lines = Summary.lines(snapshot, width: width, showsNotices: true) + [Line()]
        if rows.isEmpty {
            lines.append(Line(EmptyTable.text(snapshot, model: model)))
        } else {
            lines.append(columns.titles)
            lines += rows.map { columns.line($0, node) }
        }
        if leftOut > 0 {
            lines.append(Line("  ... and \(leftOut) more"))
        }
        return lines.map { line in
            let text = line.rendered(width: width, look: look)
            return look.depth != .bare ? text : trimmed(text)
        }
    }

    /// Without the spaces that only align columns.
    private static func trimmed(_ text: String) -> String {
        guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
        return String(text[...last])
    }
}

/// Why there is no row to show.
enum EmptyTable {
    static func text(_ snapshot: Snapshot, model: TopModel) -> String {
        if !model.filter.isEmpty {
            return "no \(model.grouping.title) match \"\(model.filter)\""
        }
        if let problem = model.grouping.problem(in: snapshot) { return problem }
        if model.grouping == .process, snapshot.processes.isEmpty {
            let reason = snapshot.workloads.contains { $0.kind == "container" } ? " because containers run here" : ""
            return "processes are off\(reason); start energyd with --processes on"
        }
        return snapshot.workloads.isEmpty
            ? "the agent reports no workloads" : "there are no \(model.grouping.title) on this node"
    }
}
