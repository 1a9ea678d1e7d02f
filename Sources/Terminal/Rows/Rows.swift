package import Snapshot

/// Makes the rows of a table out of a snapshot.
package enum Rows {
    /// The rows that `model` asks for, in its order, ``TopModel/limit`` applied; and how many that left out.
    package static func make(_ snapshot: Snapshot, model: TopModel) -> (rows: [Row], leftOut: Int) {
        let rows =
            model.grouping == .all
            ? tree(snapshot, model: model) : ungrouped(snapshot, model: model).sorted { comes($0, before: $1, model) }
        let shown = rows.prefix(model.limit ?? .max)
        return (Array(shown), rows.count - shown.count)
    }

    static func comes(_ a: Row, before b: Row, _ model: TopModel) -> Bool {
        Row.comes(a, before: b, by: model.sort, isReversed: model.isReversed)
    }

    /// Those of every grouping but the tree that are shown, in no order.
    static func ungrouped(_ snapshot: Snapshot, model: TopModel) -> [Row] {
        let rows =
            switch model.grouping {
            case .all: [Row]()
            case .container: flat(snapshot) { $0 == "container" }
            case .pod: flat(snapshot) { $0 == "pod" }
            case .job: flat(snapshot) { $0 == "job" }
            case .unit: flat(snapshot) { $0 == "unit" || $0 == "slice" }
            case .namespace: namespaces(snapshot)
            case .process: processes(snapshot)
            case .owner, .label: aggregates(snapshot, by: model.grouping)
            }
        let filter = RowFilter(parsing: model.filter)
        return rows.filter {
            ($0.isAlive || model.showsEnded) && filter.matches($0, nodeWatts: snapshot.node.powerWatts)
        }
    }

    /// The first snapshot has energy but no window before it: its powers are unknown, not zero.
    static func hasWindow(_ snapshot: Snapshot) -> Bool {
        snapshot.sequence > 0 && snapshot.windowSeconds > 0
    }

    private static func flat(_ snapshot: Snapshot, isKind: (String) -> Bool) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        return snapshot.workloads.filter { isKind($0.kind) }.map { workload in
            var row = Row(workload, hasWindow: hasWindow)
            row.isParent = workload.kind == "slice"
            return row
        }
    }

    private static func processes(_ snapshot: Snapshot) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        let owners = Dictionary(snapshot.workloads.map { ($0.id, $0) }) { first, _ in first }
        let rows = snapshot.processes.map { process in
            let owner = owners[process.workloadId]
            var row = Row(
                process, owner: owner?.name ?? process.workloadId, path: owner.map(title), hasWindow: hasWindow)
            row.labels = owner?.labels ?? [:]
            row.path = owner?.cgroupPath ?? ""
            return row
        }
        return rows.isEmpty ? [] : rows + rest(snapshot, besides: rows)
    }

    /// A workload in few words that tell it from all others: `shop/web-x2xlp/nginx`, `ssh.service`.
    static func title(_ workload: Snapshot.Workload) -> String {
        if workload.cgroupPath == "/" { return "host" }
        let labels = workload.labels
        return [labels["k8s.namespace.name"], labels["k8s.pod.name"]].compactMap(\.self)
            .filter { $0 != workload.name }.map { $0 + "/" }.joined() + workload.name
    }

    /// What runs in no cgroup but the root.
    static let hostTitle = "host processes outside any service"

    /// What the workloads used and no process did; none where that is too little to show.
    private static func rest(_ snapshot: Snapshot, besides rows: [Row]) -> [Row] {
        guard hasWindow(snapshot) else { return [] }
        // Of several nodes, what is right below them: the nodes themselves have idle power too.
        let nodes = Set(snapshot.workloads.lazy.filter { $0.kind == Fleet.kind }.map(\.id))
        let roots = snapshot.workloads.filter { workload in
            workload.kind != Fleet.kind && workload.kind != Fleet.partKind
                && workload.parentId.map(nodes.contains) ?? true
        }.map { Row($0, hasWindow: true) }
        func difference(_ value: (Row) -> Double?) -> Double? {
            let known = (roots.compactMap(value), rows.compactMap(value))
            return known.0.isEmpty ? nil : max(0, known.0.reduce(0, +) - known.1.reduce(0, +))
        }
        var row = Row(
            id: "rest", kind: "rest", name: "(others)",
            detail: "of processes that have ended, or that the agent's user may not see",
            watts: difference(\.watts), cpus: difference(\.cpus))
        row.place = row.detail
        // Rows round to a tenth of a percent.
        return row.cpus ?? 0 >= 0.0005 * Double(max(1, rows.count)) ? [row] : []
    }
}
