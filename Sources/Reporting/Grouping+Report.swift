internal import History
package import Terminal

/// What the rows of a report stand for, in the words of the live view.
extension Grouping {
    /// Those that a history has, besides labels: it keeps neither processes nor the tree.
    package static let ofReports: [Grouping] = [.namespace, .owner, .pod, .container, .unit]

    /// True for ``ofReports`` and labels.
    package var isOfReports: Bool {
        if case .label = self { true } else { Self.ofReports.contains(self) }
    }

    /// The row that a workload belongs to; nil for one that the grouping says nothing about.
    func name(of workload: HistoryWorkload) -> String? {
        guard workload.part == nil else { return nil }
        let namespace = workload.namespace
        switch self {
        case .namespace: return namespace
        case .owner:
            guard let kind = workload.ownerKind, let name = workload.ownerName else {
                // Without Kubernetes' word, the pod's own name says as much as there is.
                return workload.pod.map { [namespace, $0].joined() }
            }
            return [namespace, "\(kind)/\(name)"].joined()
        case .pod: return workload.pod.map { [namespace, $0].joined() }
        case .container:
            return workload.container.map { [namespace, workload.pod, $0].joined() }
        case .unit: return workload.pod == nil && workload.container == nil ? workload.path : nil
        case .label(let key): return workload.labels[key]
        case .all, .process, .job: return nil
        }
    }
}

extension [String?] {
    /// What is known of it, from the outside in.
    fileprivate func joined() -> String { compactMap(\.self).joined(separator: "/") }
}
