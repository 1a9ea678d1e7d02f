package import Snapshot

/// Makes the rows of a table out of a snapshot.
package enum Rows {
    /// The rows that `model` asks for, in its order, ``TopModel/limit`` applied; and how many that left out.
    package static func make(_ snapshot: Snapshot, model: TopModel) -> (rows: [Row], leftOut: Int) {
        let rows =
            switch model.grouping {
            case .all: tree(snapshot, model: model)
            case .container: flat(snapshot, model: model) { $0 == "container" }
            case .pod: flat(snapshot, model: model) { $0 == "pod" }
            case .job: flat(snapshot, model: model) { $0 == "job" }
            case .unit: flat(snapshot, model: model) { $0 == "unit" || $0 == "slice" }
            case .namespace: sorted(namespaces(snapshot), model: model)
            case .process: sorted(processes(snapshot), model: model)
            case .owner, .label: sorted(aggregates(snapshot, by: model.grouping), model: model)
            }
        let shown = rows.prefix(model.limit ?? .max)
        return (Array(shown), rows.count - shown.count)
    }

    /// The first snapshot has energy but no window before it: its powers are unknown, not zero.
    static func hasWindow(_ snapshot: Snapshot) -> Bool {
        snapshot.sequence > 0 && snapshot.windowSeconds > 0
    }

    private static func isShown(_ row: Row, model: TopModel) -> Bool {
        (row.isAlive || model.showsEnded) && row.matches(model.filter)
    }

    private static func sorted(_ rows: [Row], model: TopModel) -> [Row] {
        rows.filter { isShown($0, model: model) }
            .sorted { Row.comes($0, before: $1, by: model.sort, isReversed: model.isReversed) }
    }

    private static func flat(_ snapshot: Snapshot, model: TopModel, isKind: (String) -> Bool) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        let rows = snapshot.workloads.filter { isKind($0.kind) }.map { workload in
            var row = Row(workload, hasWindow: hasWindow)
            row.isParent = workload.kind == "slice"
            return row
        }
        return sorted(rows, model: model)
    }

    private static func processes(_ snapshot: Snapshot) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        let names = Dictionary(snapshot.workloads.map { ($0.id, $0.name) }) { first, _ in first }
        let rows = snapshot.processes.map {
            Row($0, owner: names[$0.workloadId] ?? $0.workloadId, hasWindow: hasWindow)
        }
        return rows.isEmpty ? [] : rows + rest(snapshot, besides: rows)
    }

    /// What the workloads used and no process did; none where that is too little to show.
    private static func rest(_ snapshot: Snapshot, besides rows: [Row]) -> [Row] {
        guard hasWindow(snapshot) else { return [] }
        let roots = snapshot.workloads.filter { $0.parentId == nil }.map { Row($0, hasWindow: true) }
        func difference(_ value: (Row) -> Double?) -> Double? {
            let known = (roots.compactMap(value), rows.compactMap(value))
            return known.0.isEmpty ? nil : max(0, known.0.reduce(0, +) - known.1.reduce(0, +))
        }
        let row = Row(
            id: "rest", kind: "rest", name: "(others)",
            detail: "of processes that have ended, or that the agent's user may not see",
            watts: difference(\.watts), cpus: difference(\.cpus))
        // Rows round to a tenth of a percent.
        return row.cpus ?? 0 >= 0.0005 * Double(max(1, rows.count)) ? [row] : []
    }
}
