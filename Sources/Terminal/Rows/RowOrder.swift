/// The order of the rows of the frame before, which the next one keeps where figures differ by little: rows that change
/// places with every reading cannot be read.
package struct RowOrder: Sendable, Equatable {
    /// Rows change places when one exceeds the other by more than a tenth, and by more than this.
    private static let margin = 0.1
    private static let leastWatts = 0.01
    private static let leastCPUs = 0.005

    private var rank: [String: Int] = [:]
    private var sort = SortKey.watts
    private var isReversed = false

    package init() {}

    /// Remembers `rows`, in their order.
    mutating func keep(_ rows: [Row], sort: SortKey, isReversed: Bool) {
        rank = Dictionary(rows.enumerated().map { ($1.id, $0) }) { first, _ in first }
        (self.sort, self.isReversed) = (sort, isReversed)
    }

    /// `rows` in the order of `sort`. Where it is the one of the frame before, a row only passes others that it clearly
    /// exceeds; no row then stands above one that clearly exceeds it.
    ///
    /// Linear where little has changed, quadratic in the number of rows that move.
    func arranged(_ rows: [Row], sort: SortKey, isReversed: Bool) -> [Row] {
        places(of: rows, sort: sort, isReversed: isReversed).map { rows[$0] }
    }

    /// The indices of `rows` in that order: rows are large, and moving them would take most of the time.
    func places(of rows: [Row], sort: SortKey, isReversed: Bool) -> [Int] {
        func strictly(_ a: Int, _ b: Int) -> Bool {
            Row.comes(rows[a], before: rows[b], by: sort, isReversed: isReversed)
        }
        let isKept = sort == self.sort && isReversed == self.isReversed && ![.name, .kind].contains(sort)
        guard isKept, !rank.isEmpty else { return rows.indices.sorted(by: strictly) }
        let ranks = rows.map { rank[$0.id] }
        let known = rows.indices.filter { ranks[$0] != nil }.sorted { (ranks[$0] ?? 0) < (ranks[$1] ?? 0) }
        var placed: [Int] = []
        placed.reserveCapacity(rows.count)
        // The row that the most others exceed.
        var last: Int?
        for row in known {
            if let end = last, isClearly(rows[row], before: rows[end]),
                let place = placed.firstIndex(where: { isClearly(rows[row], before: rows[$0]) })
            {
                placed.insert(row, at: place)
            } else {
                placed.append(row)
            }
            if last.map({ strictly($0, row) }) ?? true { last = row }
        }
        // What has just come takes its place by its figure alone.
        for row in rows.indices where ranks[row] == nil {
            placed.insert(row, at: placed.firstIndex { strictly(row, $0) } ?? placed.count)
        }
        return placed
    }

    private func isClearly(_ a: Row, before b: Row) -> Bool {
        func exceeds(_ x: Double, _ y: Double, _ least: Double) -> Bool {
            isReversed ? y > x * (1 + Self.margin) + least : x > y * (1 + Self.margin) + least
        }
        let least = sort == .watts ? Self.leastWatts : sort == .cpu ? Self.leastCPUs : 0
        switch (a.value(sort), b.value(sort)) {
        case (let x?, let y?): return exceeds(x, y, least)
        case (_?, nil): return true
        case (nil, _?): return false
        case (nil, nil):
            guard sort == .watts, let x = a.cpus, let y = b.cpus else { return false }
            return exceeds(x, y, Self.leastCPUs)
        }
    }
}
