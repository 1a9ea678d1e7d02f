internal import Formatting
package import Snapshot
internal import Terminal

/// What a recording's time used, by workload; with other settings, both and how they differ.
package struct ReplayTable {
    private let recorded: Snapshot
    private let other: Snapshot?
    private let changed: [String]

    /// - Parameters:
    ///   - recorded: the last snapshot, as it was.
    ///   - other: the last snapshot with other settings; nil for none.
    ///   - changed: these settings, for the title.
    package init(recorded: Snapshot, other: Snapshot?, changed: [String]) {
        self.recorded = recorded
        self.other = other
        self.changed = changed
    }

    private struct Row {
        var name: String
        var recorded: Double?
        var other: Double?

        var difference: Double? {
            guard let recorded, let other else { return nil }
            return other - recorded
        }
    }

    package func lines(limit: Int) -> [String] {
        let rows = rows()
        let shown = rows.workloads.prefix(limit)
        let total = rows.node.recorded
        var cells: [[String]] = [
            other == nil
                ? ["energy J", "share %", "workload"]
                : ["energy J", "what if J", "difference J", "%", "workload"]
        ]
        for row in shown + rows.rest + [rows.node] { cells.append(self.cells(row, total: total)) }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = changed.isEmpty ? [] : ["what if: \(changed.joined(separator: " "))"]
        lines += zones(recorded, "recorded")
        if let other { lines += zones(other, "what if") }
        lines += ["emissions   \(emissions(recorded))" + (other.map { ", what if \(emissions($0))" } ?? ""), ""]
        lines += cells.map { row in
            row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return column == row.count - 1 ? row[column] : blanks + row[column]
            }.joined(separator: "  ")
        }
        if rows.workloads.count > limit { lines.append("... and \(rows.workloads.count - limit) more; see --limit") }
        return lines
    }

    private func cells(_ row: Row, total: Double?) -> [String] {
        func joules(_ value: Double?) -> String { value.map { Format.fixed($0, digits: 3) } ?? Format.unknown }
        func percent(_ part: Double?, _ whole: Double?) -> String {
            guard let part, let whole, whole > 0 else { return Format.unknown }
            return Format.percent(part / whole * 100)
        }
        guard other != nil else { return [joules(row.recorded), percent(row.recorded, total), row.name] }
        return [
            joules(row.recorded), joules(row.other), joules(row.difference), percent(row.difference, row.recorded),
            row.name,
        ]
    }

    private func zones(_ snapshot: Snapshot, _ title: String) -> [String] {
        snapshot.node.zones.map { zone in
            "\(title)    \(zone.name.printable()): \(Format.joules(Double(zone.energyMicrojoules) / 1e6)), "
                + "\(zone.quality) by \(zone.source.printable()), divided by \(zone.attribution?.method.printable() ?? "?")"
        }
    }

    private func emissions(_ snapshot: Snapshot) -> String {
        "\(snapshot.node.emissionsGrams.map { Format.quantity($0) } ?? Format.unknown) g by "
            + "\(Format.quantity(snapshot.carbon.intensityGramsPerKilowattHour)) g/kWh "
            + "(\(snapshot.carbon.source.printable()))"
    }

    /// What each workload used itself, the largest first, and what is no workload's: together the node's.
    private func rows() -> (workloads: [Row], rest: [Row], node: Row) {
        let before = Parts(recorded)
        let after = other.map(Parts.init)
        let ids = Set(before.workloads.keys).union(after.map { Array($0.workloads.keys) } ?? [])
        let workloads = ids.map { id in
            let (first, second) = (before.workloads[id], after?.workloads[id])
            return Row(
                name: (first ?? second)?.name.printable() ?? "", recorded: first?.joules, other: second?.joules)
        }.filter { $0.recorded ?? 0 > 0 || $0.other ?? 0 > 0 }
        let rest = before.rest.enumerated().map { index, part in
            Row(name: part.name, recorded: part.joules, other: after?.rest[index].joules)
        }
        return (
            workloads.sorted { ($0.recorded ?? 0, $1.name) > ($1.recorded ?? 0, $0.name) }, rest,
            Row(name: "node", recorded: before.node, other: after?.node)
        )
    }

    /// Energy by what used it.
    private struct Parts {
        typealias Part = (name: String, joules: Double)

        /// By id, without what lies below each.
        var workloads: [String: Part] = [:]
        var rest: [Part]
        var node: Double

        init(_ snapshot: Snapshot) {
            func joules(_ amounts: [UInt64]) -> Double { amounts.reduce(0) { $0 + Double($1) / 1e6 } }
            let energy = snapshot.workloads.map { workload in
                workload.zones.values.reduce(0) {
                    $0 + Double($1.dynamicMicrojoules) / 1e6 + Double($1.staticMicrojoules) / 1e6
                }
            }
            for (workload, energy) in zip(snapshot.workloads, energy) {
                let space = workload.labels["k8s.namespace.name"].map { "\($0)/" } ?? ""
                workloads[workload.id, default: ("", 0)].name = space + workload.name
                workloads[workload.id, default: ("", 0)].joules += energy
                if let parent = workload.parentId { workloads[parent, default: ("", 0)].joules -= energy }
            }
            let node = snapshot.node
            rest = [
                ("(idle)", joules(Array(node.idle.zones.values))),
                ("(system)", joules(Array(node.system.zones.values))),
                ("(unattributed)", joules(Array(node.unattributed.zones.values))),
            ]
            self.node = joules(node.zones.map(\.energyMicrojoules))
        }
    }
}
