package import History

/// What the rows of a report stand for.
package enum ReportDimension: Hashable, Sendable {
    case namespace, owner, pod, container, unit
    /// The values of a label of pods that the agent sums by.
    case label(String)

    /// Those without a key.
    package static let known: [ReportDimension] = [.namespace, .owner, .pod, .container, .unit]

    /// As on the command line; nil for what is none.
    package init?(text: String) {
        if text.hasPrefix("label:"), text.count > "label:".count {
            self = .label(String(text.dropFirst("label:".count)))
        } else if let known = Self.known.first(where: { $0.text == text }) {
            self = known
        } else {
            return nil
        }
    }

    package var text: String {
        if case .label(let key) = self { "label:\(key)" } else { "\(self)" }
    }

    /// The heading of the column.
    package var title: String {
        if case .label(let key) = self { key } else { text }
    }

    /// The row that a workload belongs to; nil for one that the dimension says nothing about.
    package func name(of workload: HistoryWorkload) -> String? {
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
        }
    }
}

extension [String?] {
    /// What is known of it, from the outside in.
    fileprivate func joined() -> String { compactMap(\.self).joined(separator: "/") }
}
