package import Snapshot

/// The same figures as sentences, one after the other: for screen readers, and for terminals that cannot be redrawn.
package enum ReaderView {
    /// Rows where no limit is given.
    private static let standardRows = 5

    /// The node in one line, what is wrong with the figures, and the largest rows, each in words.
    ///
    /// - Parameter showsNotices: once is enough.
    package static func lines(_ snapshot: Snapshot, model: TopModel, showsNotices: Bool) -> [String] {
        let node = snapshot.node
        let rates = NodeRates(snapshot)
        let cpus = Rows.hasWindow(snapshot) ? Format.fixed(CPUUse(snapshot).cpus, digits: 2) : "unknown"
        let grams = rates.watts.flatMap(rates.gramsPerHour).map { rates.amount($0) } ?? "unknown"
        var lines = [
            "\(snapshot.timestamp): \(node.name) uses \(words(rates.watts, rates)) watts, \(Summary.quality(node.zones)), "
                + "\(cpus) of \(node.cpuCount) CPUs, \(grams) grams of CO2 per hour."
        ]
        if showsNotices { lines += snapshot.agent.notices.map { "Notice: \($0)." } }
        var model = model
        model.limit = model.limit ?? standardRows
        let listing = Listing(snapshot, model: model)
        for (index, row) in listing.rows.enumerated() {
            let share = rates.share(row).map { ", \(Format.percent($0 * 100)) percent of the node" } ?? ""
            let place = row.place.isEmpty ? "" : ", \(row.place)"
            let cpu = row.cpus.map { ", \(Format.percent($0 * 100)) percent of a CPU" } ?? ""
            lines.append(
                "\(index + 1). \(row.kind) \(row.name)\(place): \(words(row.watts, rates)) watts\(share)\(cpu).")
        }
        if listing.rows.isEmpty { lines.append(EmptyTable.text(snapshot, model: model) + ".") }
        return lines.map { Line($0).rendered(width: nil, look: .bare) }
    }

    private static func words(_ watts: Double?, _ rates: NodeRates) -> String {
        watts == nil ? "an unknown number of" : rates.amount(watts)
    }
}
