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
        package var key: Key
        package var comparison: Comparison
        package var value: String

        package init(_ key: Key, _ comparison: Comparison, _ value: String) {
            self.key = key
            self.comparison = comparison
            self.value = value
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

    /// Whether all conditions hold. What a workload does not have is the empty text. Linear in their number.
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
            case .contains: Self.contains(value, condition.value)
            case .containsNot: !Self.contains(value, condition.value)
            }
        }
    }

    /// Byte by byte: names come from anyone, and a search by characters takes a hundred times as long.
    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (text.utf8.map(lowered), part.utf8.map(lowered))
        guard let first = part.first else { return true }
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { start in
            text[start] == first && text[start..<start + part.count].elementsEqual(part)
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
