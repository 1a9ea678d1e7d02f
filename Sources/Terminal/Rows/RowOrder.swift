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
        func strictly(_ a: Row, _ b: Row) -> Bool { Row.comes(a, before: b, by: sort, isReversed: isReversed) }
        let isKept = sort == self.sort && isReversed == self.isReversed && ![.name, .kind].contains(sort)
        guard isKept, !rank.isEmpty else { return rows.sorted(by: strictly) }
        let known = rows.filter { rank[$0.id] != nil }.sorted { rank[$0.id, default: 0] < rank[$1.id, default: 0] }
        var placed: [Row] = []
        placed.reserveCapacity(rows.count)
        // The row that the most others exceed.
        var last: Row?
        for row in known {
            if let end = last, isClearly(row, before: end),
                let place = placed.firstIndex(where: { isClearly(row, before: $0) })
            {
                placed.insert(row, at: place)
            } else {
                placed.append(row)
            }
            if last.map({ strictly($0, row) }) ?? true { last = row }
        }
        // What has just come takes its place by its figure alone.
        for row in rows where rank[row.id] == nil {
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
