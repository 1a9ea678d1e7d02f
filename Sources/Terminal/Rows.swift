package import Telemetry

/// Makes the rows of a table out of a snapshot.
package enum Rows {
    /// The rows that `model` asks for, in its order, ``TopModel/limit`` applied; and how many that left out.
    package static func make(_ snapshot: Snapshot, model: TopModel) -> (rows: [Row], leftOut: Int) {
        let rows =
            switch model.grouping {
            case .all: tree(snapshot, model: model)
            case .container: flat(snapshot, model: model) { $0 == "container" }
            case .pod: flat(snapshot, model: model) { $0 == "pod" }
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
        snapshot.sequence > 0 && snapshot.windowSeconds > 0 && !snapshot.node.zones.isEmpty
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
        return snapshot.processes.map {
            Row($0, owner: names[$0.workloadId] ?? $0.workloadId, hasWindow: hasWindow)
        }
    }
}
