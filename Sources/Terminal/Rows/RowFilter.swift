/// Which rows are shown: `watts>1 and ns=prod`, `name~web`, `not kind=unit`, `label:team=pay`, or any text.
package struct RowFilter: Sendable, Equatable {
    enum Comparison: String, Sendable, CaseIterable {
        // Longer ones first, as they are looked for in this order.
        case atLeast = ">="
        case atMost = "<="
        case unequal = "!="
        case containsNot = "!~"
        case above = ">"
        case below = "<"
        case equal = "="
        case contains = "~"

        var isNumeric: Bool { [.atLeast, .atMost, .above, .below, .equal, .unequal].contains(self) }
    }

    /// What a row must be.
    indirect enum Condition: Sendable, Equatable {
        /// The text occurs in its name, kind, detail, path or labels.
        case text(String)
        /// These letters occur in its name or in what identifies it, one after the other.
        case letters(String)
        case number(Field.Number, Comparison, Double)
        case word(Field.Word, Comparison, String)
        case not(Condition)
        case all([Condition])
        case any([Condition])
    }

    let condition: Condition
    /// The parts that say nothing yet, or nothing that can be compared: left out. Nil where there are none.
    package let ignored: String?

    package var isEmpty: Bool { condition == .all([]) }

    /// Whatever is typed: what is not complete is left out, so that half a condition never hides everything.
    package init(parsing text: String) {
        var parser = RowFilterParser(text)
        condition = parser.any()
        ignored = parser.ignored.isEmpty ? nil : parser.ignored.joined(separator: " ")
    }

    /// - Parameter nodeWatts: what shares are taken of, W.
    package func matches(_ row: Row, nodeWatts: Double? = nil) -> Bool { Self.holds(condition, row, nodeWatts) }

    private static func holds(_ condition: Condition, _ row: Row, _ nodeWatts: Double?) -> Bool {
        switch condition {
        case .text(let text): row.contains(text)
        case .letters(let letters): [row.name, row.place].contains { $0.hasInOrder(letters) }
        case .all(let parts): parts.allSatisfy { holds($0, row, nodeWatts) }
        case .any(let parts): parts.contains { holds($0, row, nodeWatts) }
        case .not(let part): !holds(part, row, nodeWatts)
        case .number(let field, let comparison, let value):
            // What is not known is neither above nor below.
            field.value(row, nodeWatts).map { compare($0, comparison, value) } ?? false
        case .word(let field, let comparison, let value): compare(field.value(row), comparison, value)
        }
    }

    private static func compare(_ a: Double, _ comparison: Comparison, _ b: Double) -> Bool {
        switch comparison {
        case .above: a > b
        case .below: a < b
        case .atLeast: a >= b
        case .atMost: a <= b
        case .unequal: a != b
        default: a == b
        }
    }

    private static func compare(_ a: String, _ comparison: Comparison, _ b: String) -> Bool {
        let (a, b) = (a.lowercased(), b.lowercased())
        return switch comparison {
        case .contains: a.contains(b)
        case .containsNot: !a.contains(b)
        case .unequal: a != b
        default: a == b
        }
    }
}

extension String {
    /// True where the letters of `text` occur in it in their order, in any case of letters, whatever is between them.
    fileprivate func hasInOrder(_ text: String) -> Bool {
        var rest = text.lowercased()[...]
        for letter in lowercased() where letter == rest.first { rest.removeFirst() }
        return rest.isEmpty
    }
}

extension RowFilter {
    /// What a condition can look at.
    enum Field {
        enum Number: Sendable, Equatable {
            case watts, cpu, share, joules, wattHours, grams, pid

            static let names: [String: Number] = [
                "watts": .watts, "w": .watts, "power": .watts, "cpu": .cpu, "share": .share, "joules": .joules,
                "j": .joules, "wh": .wattHours, "grams": .grams, "g": .grams, "pid": .pid,
            ]

            func value(_ row: Row, _ nodeWatts: Double?) -> Double? {
                switch self {
                case .watts: row.watts
                case .cpu: row.cpus.map { $0 * 100 }
                case .share: row.watts.flatMap { watts in nodeWatts.flatMap { $0 > 0 ? 100 * watts / $0 : nil } }
                case .joules: row.joules
                case .wattHours: row.joules.map { $0 / 3600 }
                case .grams: row.grams
                case .pid: row.pid.map(Double.init)
                }
            }
        }

        enum Word: Sendable, Equatable {
            case name, kind, path, node
            /// By OpenTelemetry attribute name; several where the first that is there counts.
            case label([String])

            static let names: [String: Word] = [
                "name": .name, "kind": .kind, "path": .path, "cgroup": .path, "node": .node,
                "ns": .label(["k8s.namespace.name"]), "namespace": .label(["k8s.namespace.name"]),
                "pod": .label(["k8s.pod.name"]), "container": .label(["k8s.container.name", "container.name"]),
                "owner": .label(["k8s.owner.name"]), "unit": .label(["systemd.unit"]),
                "user": .label(["user.name", "user.id"]), "image": .label(["container.image.name"]),
            ]

            /// By a short name, as `label:team`, or as the full name of an attribute.
            init?(_ name: String) {
                let prefix = "label:"
                if let known = Self.names[name.lowercased()] {
                    self = known
                } else if name.hasPrefix(prefix), name.count > prefix.count {
                    let key = String(name.dropFirst(prefix.count))
                    self = .label(["k8s.pod.label.\(key)", key])
                } else if name.contains("."), !name.hasPrefix("."), !name.contains("/") {
                    self = .label([name])
                } else {
                    return nil
                }
            }

            /// What a row does not have is the empty text.
            func value(_ row: Row) -> String {
                switch self {
                case .name: row.name
                case .kind: row.kind
                case .path: row.path
                case .node: row.labels[Fleet.nodeLabel] ?? ""
                case .label(let keys): keys.lazy.compactMap { row.labels[$0] }.first ?? ""
                }
            }
        }
    }
}
