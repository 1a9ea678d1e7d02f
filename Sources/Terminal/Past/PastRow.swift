internal import History
internal import Snapshot

/// A row of the view by the names that a history has: what is recorded of a workload is part of several of them.
enum PastRow: Hashable {
    case node
    case part(HistoryWorkload.Part)
    case namespace(String)
    case pod(namespace: String?, String)
    case container(namespace: String?, pod: String?, String)
    /// Kind of the sum and its name, as ``Snapshot/Aggregate/name``.
    case sum(kind: String, String)
    /// Of a cgroup.
    case path(String)

    /// Deeper paths are not looked at: the agent keeps none.
    private static let deepest = 64

    /// The row of `workload`; nil where the history has no name for it.
    ///
    /// - Parameters:
    ///   - pod: that it lies in, whose owner decides about lasting names.
    ///   - isLasting: by the names that hours are kept by, where the pods of a Deployment are one.
    init?(_ workload: Snapshot.Workload, in pod: Snapshot.Workload? = nil, isLasting: Bool) {
        let known = HistoryWorkload(workload, in: pod)
        let names = isLasting ? known.lasting : known
        switch workload.kind {
        case "namespace": self = .namespace(workload.name)
        case "container":
            self = .container(namespace: names.namespace, pod: names.pod, names.container ?? workload.name)
        case "pod":
            guard let pod = names.pod else { return nil }
            self = .pod(namespace: names.namespace, pod)
        default:
            guard let path = names.path else { return nil }
            self = .path(path)
        }
    }

    /// The rows that `recorded` is part of.
    static func all(of recorded: HistoryWorkload) -> [PastRow] {
        if let part = recorded.part { return [.node, .part(part)] }
        var rows = [PastRow.node]
        let namespace = recorded.namespace
        if let namespace { rows.append(.namespace(namespace)) }
        if let pod = recorded.pod { rows.append(.pod(namespace: namespace, pod)) }
        if let container = recorded.container {
            rows.append(.container(namespace: namespace, pod: recorded.pod, container))
        }
        if let namespace, let kind = recorded.ownerKind, let name = recorded.ownerName {
            rows.append(.sum(kind: "owner", "\(namespace)/\(kind)/\(name)"))
        }
        for (key, value) in recorded.labels { rows.append(.sum(kind: "label", "\(key)/\(value)")) }
        guard let path = recorded.path else { return rows }
        rows.append(.path(path))
        var directory = path[...]
        for _ in 0..<Self.deepest {
            guard let slash = directory.lastIndex(of: "/"), slash > directory.startIndex else { break }
            directory = directory[..<slash]
            rows.append(.path(String(directory)))
        }
        return rows
    }

    /// The row of each id of the view. What several workloads are recorded as is left out: nothing says which was which.
    static func byID(_ snapshot: Snapshot) -> [String: PastRow] {
        var rows: [String: PastRow] = [
            SeriesID.node: .node, SeriesID.idle: .part(.idle), SeriesID.system: .part(.system),
            SeriesID.unattributed: .part(.unattributed),
        ]
        var counts: [PastRow: Int] = [:]
        for workload in snapshot.workloads where !SeriesID.collects(workload.id) {
            guard let row = PastRow(workload, isLasting: false) else { continue }
            rows[workload.id] = row
            counts[row, default: 0] += 1
        }
        for sum in snapshot.aggregates ?? [] { rows[Row.id(sum)] = .sum(kind: sum.kind, sum.name) }
        return rows.filter { counts[$1, default: 1] == 1 }
    }
}
