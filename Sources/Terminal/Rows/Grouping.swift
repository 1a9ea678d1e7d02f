package import Snapshot

/// Which rows a table has.
package enum Grouping: Hashable, Sendable {
    /// Every workload, as the tree they form.
    case all
    case container
    case pod
    /// Kubernetes namespaces.
    case namespace
    /// systemd units and slices.
    case unit
    case process
    /// Jobs of a batch system.
    case job
    /// What created the pods: Deployments, StatefulSets, Jobs.
    case owner
    /// The values that a label of the pods has.
    case label(String)

    /// Those of every node, in the order of their keys.
    package static let standard: [Grouping] = [.all, .container, .pod, .namespace, .unit, .process, .owner]

    /// Those that can be asked for on the command line, besides labels.
    package static let known = standard + [.job]

    /// The standard ones, jobs where there are any, and the labels that the agent sums by.
    package static func offered(by snapshot: Snapshot) -> [Grouping] {
        let jobs: [Grouping] = snapshot.workloads.contains { $0.kind == "job" } ? [.job] : []
        return standard + jobs + labels(of: snapshot).map(Grouping.label)
    }

    /// The default rows of a node: the tree of workloads, or processes on a machine
    /// that has neither containers nor units. Of several nodes the tree, which has each of them.
    package static func suited(to snapshot: Snapshot) -> Grouping {
        let shown: Set = ["container", "pod", "job", "unit", "vm", Fleet.kind]
        return snapshot.processes.isEmpty || snapshot.workloads.contains { shown.contains($0.kind) } ? .all : .process
    }

    /// As on the command line; nil for what is none.
    package init?(text: String) {
        if let label = Self.label(in: text) {
            self = .label(label)
        } else if let known = Self.known.first(where: { $0.text == text }) {
            self = known
        } else {
            return nil
        }
    }

    /// As on the command line.
    package var text: String {
        if case .label(let key) = self { "label:\(key)" } else { "\(self)" }
    }

    /// For display.
    package var title: String {
        switch self {
        case .all: "workloads"
        case .container: "containers"
        case .pod: "pods"
        case .namespace: "namespaces"
        case .unit: "units"
        case .process: "processes"
        case .job: "jobs"
        case .owner: "owners"
        case .label(let key): "values of label \(key)"
        }
    }

    /// Why the agent has no such rows, with the remedy; nil where it has them.
    package func problem(in snapshot: Snapshot) -> String? {
        guard isSum, snapshot.agent.aggregatedBy?.contains(text) != true else { return nil }
        guard case .label(let key) = self else {
            return "Kubernetes is not queried for owners: start energyd with --kubernetes api or kubelet"
        }
        guard snapshot.agent.aggregatedBy != nil else {
            return "Kubernetes is not queried for labels: start energyd with --kubernetes api or kubelet, and "
                + "--kubernetes.labels \(key)"
        }
        let known = Self.labels(of: snapshot)
        return "energyd does not sum by the label \(key), "
            + (known.isEmpty ? "nor by any other" : "only by \(known.joined(separator: ", "))")
            + ": start it with --kubernetes.labels \((known + [key]).joined(separator: ","))"
    }

    /// True of sums that are not part of the tree and that not every agent has.
    package var isSum: Bool {
        switch self {
        case .owner, .label: true
        default: false
        }
    }

    private static func labels(of snapshot: Snapshot) -> [String] {
        (snapshot.agent.aggregatedBy ?? []).compactMap(label(in:))
    }

    /// `team` of `label:team`.
    private static func label(in text: String) -> String? {
        let prefix = "label:"
        return text.hasPrefix(prefix) && text.count > prefix.count ? String(text.dropFirst(prefix.count)) : nil
    }
}
