import Snapshot

/// What pods are added up by, as the agent does it; and, as one row, the pods that belong nowhere.
extension Rows {
    /// Namespaces, with their pods that ended.
    static func namespaces(_ snapshot: Snapshot) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        let pods = snapshot.workloads.filter { $0.kind == "pod" }
        let living = count(pods.filter(\.isAlive)) { $0.parentId ?? "" }
        let rows = snapshot.workloads.filter { $0.kind == "namespace" }.map { workload in
            var row = Row(workload, hasWindow: hasWindow)
            row.detail = number(living[workload.id])
            let node = workload.labels[Fleet.nodeLabel].map { $0 + "  " } ?? ""
            row.place = node + row.detail
            return row
        }
        let rest = pods.filter { $0.parentId == nil }.map { Row($0, hasWindow: hasWindow) }
        return rows + together(rest, kind: "namespace", name: "(unknown)", pods: living[""])
    }

    /// Owners, or the values of a label. The pods without have the row `(none)`.
    static func aggregates(_ snapshot: Snapshot, by grouping: Grouping) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        let pods = podsAndTheLike(snapshot)
        let living = count(pods.filter(\.isAlive)) { name(of: $0, by: grouping) ?? "" }
        let rows = (snapshot.aggregates ?? []).filter { isPart($0, of: grouping) }.map { aggregate in
            let pods = living[aggregate.name]
            var row = Row(aggregate, hasWindow: hasWindow)
            row.detail += (row.detail.isEmpty ? "" : "  ") + number(pods)
            row.place = row.detail
            row.isAlive = pods != nil
            return row
        }
        let rest = pods.filter { name(of: $0, by: grouping) == nil }.map { Row($0, hasWindow: hasWindow) }
        return rows + together(rest, kind: grouping == .owner ? "owner" : "label", name: "(none)", pods: living[""])
    }

    private static func isPart(_ aggregate: Snapshot.Aggregate, of grouping: Grouping) -> Bool {
        guard case .label(let key) = grouping else { return aggregate.kind == "owner" }
        return aggregate.kind == "label" && aggregate.labels["energyd.label.name"] == key
    }

    /// Pods, and containers whose pod has no cgroup of its own.
    private static func podsAndTheLike(_ snapshot: Snapshot) -> [Snapshot.Workload] {
        let pods = Set(snapshot.workloads.lazy.filter { $0.kind == "pod" }.map(\.id))
        return snapshot.workloads.filter { workload in
            workload.kind == "pod"
                || workload.kind == "container" && workload.labels["k8s.pod.uid"] != nil
                    && !(workload.parentId.map(pods.contains) ?? false)
        }
    }

    /// The ``Snapshot/Aggregate/name`` of the sum that a pod is part of now; nil where there is none.
    private static func name(of pod: Snapshot.Workload, by grouping: Grouping) -> String? {
        guard case .label(let key) = grouping else {
            let parts = ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"].compactMap { pod.labels[$0] }
            return parts.count == 3 ? parts.joined(separator: "/") : nil
        }
        return pod.labels["k8s.pod.label.\(key)"].map { "\(key)/\($0)" }
    }

    private static func count(
        _ pods: [Snapshot.Workload], by key: (Snapshot.Workload) -> String
    ) -> [String: Int] {
        pods.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
    }

    private static func number(_ pods: Int?) -> String { pods == 1 ? "1 pod" : "\(pods ?? 0) pods" }

    /// `rows` as one; none where there are none.
    private static func together(_ rows: [Row], kind: String, name: String, pods: Int?) -> [Row] {
        guard var whole = rows.first else { return [] }
        for row in rows.dropFirst() {
            whole.watts = sum(whole.watts, row.watts)
            whole.cpus = sum(whole.cpus, row.cpus)
            whole.joules = sum(whole.joules, row.joules)
            whole.isAlive = whole.isAlive || row.isAlive
        }
        (whole.id, whole.kind, whole.name, whole.labels) = (kind, kind, name, [:])
        whole.detail = number(pods)
        (whole.place, whole.path) = (whole.detail, "")
        return [whole]
    }

    /// What is known of both; unknown only if neither is known.
    private static func sum(_ a: Double?, _ b: Double?) -> Double? {
        guard let a, let b else { return a ?? b }
        return a + b
    }
}
