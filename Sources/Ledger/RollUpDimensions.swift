/// What pods are added up by, besides their namespace.
package struct RollUpDimensions: Sendable, Equatable {
    /// Label names of pods: `team` for the attribute `k8s.pod.label.team`.
    package var labels: [String] = []

    package init(labels: [String] = []) {
        self.labels = labels
    }

    /// Each dimension as the snapshot calls it: `owner`, `label:team`.
    package var names: [String] { [RollUps.Key.owner] + labels.map(Self.name(ofLabel:)) }

    private static func name(ofLabel label: String) -> String { "label:\(label)" }

    /// The roll-ups that a pod with these attributes is part of.
    func keys(_ facts: [String: String]) -> [RollUps.Key] {
        var keys: [RollUps.Key] = []
        if let namespace = facts["k8s.namespace.name"], let kind = facts["k8s.owner.kind"],
            let name = facts["k8s.owner.name"]
        {
            keys.append(RollUps.Key(dimension: RollUps.Key.owner, parts: [namespace, kind, name]))
        }
        for label in labels {
            guard let value = facts["k8s.pod.label.\(label)"] else { continue }
            keys.append(RollUps.Key(dimension: Self.name(ofLabel: label), parts: [label, value]))
        }
        return keys
    }
}
