internal import Snapshot

/// Conditions that a workload must meet, all of them: `namespace=shop,name~web`.
package struct WorkloadFilter: Hashable, Sendable {
    /// What is compared.
    package enum Key: Hashable, Sendable {
        case id, kind, name, cgroup, parent, isAlive
        /// By OpenTelemetry attribute name.
        case label(String)
    }

    package enum Comparison: String, CaseIterable, Sendable {
        case equal = "="
        case unequal = "!="
        /// In any case of ASCII letters.
        case contains = "~"
        case containsNot = "!~"
    }

    package struct Condition: Hashable, Sendable {
        package let key: Key
        package let comparison: Comparison
        package let value: String
        /// The value where texts are searched for it.
        let pattern: BytePattern?

        package init(_ key: Key, _ comparison: Comparison, _ value: String) {
            self.key = key
            self.comparison = comparison
            self.value = value
            pattern = comparison == .contains || comparison == .containsNot ? BytePattern(value) : nil
        }
    }

    package var conditions: [Condition] = []

    package init(_ conditions: [Condition] = []) {
        self.conditions = conditions
    }

    /// Short names of keys, for the most usual attributes.
    package static let shortNames: [(name: String, key: Key)] = [
        ("id", .id), ("kind", .kind), ("name", .name), ("cgroup", .cgroup), ("parent", .parent), ("alive", .isAlive),
        ("namespace", .label("k8s.namespace.name")), ("pod", .label("k8s.pod.name")),
        ("container", .label("k8s.container.name")), ("image", .label("container.image.name")),
        ("owner", .label("k8s.owner.name")), ("unit", .label("systemd.unit")), ("user", .label("user.name")),
    ]

    /// Whether all conditions hold. What a workload does not have is the empty text. Linear in their number and in the
    /// length of what they look at.
    func matches(_ workload: Snapshot.Workload) -> Bool {
        conditions.allSatisfy { condition in
            let value =
                switch condition.key {
                case .id: workload.id
                case .kind: workload.kind
                case .name: workload.name
                case .cgroup: workload.cgroupPath
                case .parent: workload.parentId ?? ""
                case .isAlive: workload.isAlive ? "true" : "false"
                case .label(let name): workload.labels[name] ?? ""
                }
            return switch condition.comparison {
            case .equal: value == condition.value
            case .unequal: value != condition.value
            case .contains: condition.pattern?.isIn(value) ?? false
            case .containsNot: condition.pattern.map { !$0.isIn(value) } ?? false
            }
        }
    }
}
