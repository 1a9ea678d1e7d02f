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
        places(of: Array(rows.indices), in: rows, sort: sort, isReversed: isReversed).map { rows[$0] }
    }

    /// What the order of a row depends on: rows are large, and moving them would take most of the time.
    private struct Entry {
        let place: Int
        let rank: Int?
        let value: Double?
        let cpus: Double?
    }

    /// `places` of some of `rows` in that order.
    func places(of places: [Int], in rows: [Row], sort: SortKey, isReversed: Bool) -> [Int] {
        func strictly(_ a: Int, _ b: Int) -> Bool {
            Row.comes(rows[a], before: rows[b], by: sort, isReversed: isReversed)
        }
        let isKept = sort == self.sort && isReversed == self.isReversed && ![.name, .kind].contains(sort)
        guard isKept, !rank.isEmpty else { return places.sorted(by: strictly) }
        let entries = places.map {
            Entry(place: $0, rank: rank[rows[$0].id], value: rows[$0].value(sort), cpus: rows[$0].cpus)
        }
        var placed: [Entry] = []
        placed.reserveCapacity(places.count)
        // The row that the most others exceed.
        var last: Entry?
        for entry in entries.filter({ $0.rank != nil }).sorted(by: { ($0.rank ?? 0) < ($1.rank ?? 0) }) {
            if let end = last, isClearly(entry, before: end),
                let place = placed.firstIndex(where: { isClearly(entry, before: $0) })
            {
                placed.insert(entry, at: place)
            } else {
                placed.append(entry)
            }
            if last.map({ !isBefore(entry, $0) }) ?? true { last = entry }
        }
        // What has just come takes its place by its figure alone: each behind the one before it.
        var start = 0
        for entry in entries.filter({ $0.rank == nil }).sorted(by: { strictly($0.place, $1.place) }) {
            let place = placed[start...].firstIndex { strictly(entry.place, $0.place) } ?? placed.count
            placed.insert(entry, at: place)
            start = place + 1
        }
        return placed.map(\.place)
    }

    /// Whether the figures of `a` put it before `b`; unknown ones come last.
    private func isBefore(_ a: Entry, _ b: Entry) -> Bool {
        switch (a.value, b.value) {
        case (let x?, let y?): isReversed ? x < y : x > y
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): isReversed ? a.cpus ?? 0 < b.cpus ?? 0 : a.cpus ?? 0 > b.cpus ?? 0
        }
    }

    private func isClearly(_ a: Entry, before b: Entry) -> Bool {
        func exceeds(_ x: Double, _ y: Double, _ least: Double) -> Bool {
            isReversed ? y > x * (1 + Self.margin) + least : x > y * (1 + Self.margin) + least
        }
        let least = sort == .watts ? Self.leastWatts : sort == .cpu ? Self.leastCPUs : 0
        switch (a.value, b.value) {
        case (let x?, let y?): return exceeds(x, y, least)
        case (_?, nil): return true
        case (nil, _?): return false
        case (nil, nil):
            guard sort == .watts, let x = a.cpus, let y = b.cpus else { return false }
            return exceeds(x, y, Self.leastCPUs)
        }
    }
}
