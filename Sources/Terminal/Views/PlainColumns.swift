internal import Formatting

/// The columns of the plain table, which scripts read: their order does not change, and words between spaces are fields.
struct PlainColumns {
    /// What the name must be left before a column gives way to it.
    private static let minNameWidth = 18
    /// From here on names are padded so that details stand below each other.
    private static let detailStart = 34
    /// First to go when there is not enough room.
    private static let dispensable: [Column] = [.kind, .rate, .share, .joules, .cpu]

    let shown: [Column]

    /// Nil `width`: all.
    init(width: Int?) {
        var shown: [Column] = [.watts, .cpu, .share, .joules, .rate, .kind, .name]
        for column in Self.dispensable {
            guard let width, Self.fixedWidth(shown) + Self.minNameWidth > width else { break }
            shown.removeAll { $0 == column }
        }
        self.shown = shown
    }

    private static func width(_ column: Column) -> Int {
        switch column {
        case .cpu, .share: 7
        case .joules, .kind: 9
        default: column.width
        }
    }

    private static func fixedWidth(_ columns: [Column]) -> Int {
        columns.reduce(2) { $0 + width($1) + 1 }
    }

    var titles: Line {
        var line = Line("  ")
        for column in shown { line.append(aligned(column.title, column) + " ") }
        return line
    }

    private func aligned(_ text: String, _ column: Column) -> String {
        let text = text.printable()
        let padding = String(repeating: " ", count: max(0, Self.width(column) - text.displayWidth))
        return column.isText ? text + padding : padding + text
    }

    func line(_ row: Row, _ node: NodeRates) -> Line {
        let base: Style = row.isParent || !row.isAlive ? .dim : .plain
        var line = Line("  ", .bold)
        for column in shown where column != .name {
            let style: Style = column == .watts && base == .plain ? .bold : base
            line.append(aligned(text(column, row, node), column) + " ", style)
        }
        let start = line.width
        line.append(String(repeating: "  ", count: min(row.depth, 12)))
        line.append(row.name, base)
        if !row.isAlive { line.append(" (ended)", .dim) }
        if !row.detail.isEmpty {
            line.pad(to: start + Self.detailStart)
            line.append("  " + row.detail, .dim)
        }
        return line
    }

    private func text(_ column: Column, _ row: Row, _ node: NodeRates) -> String {
        switch column {
        case .watts: node.amount(row.watts)
        case .cpu: Format.percent(row.cpus.map { $0 * 100 })
        case .share: node.share(row).map { Format.percent($0 * 100) + "%" } ?? Format.unknown
        case .joules: Format.joules(row.joules)
        case .rate: node.amount(row.watts.flatMap(node.gramsPerHour))
        case .kind: row.kind
        default: row.name
        }
    }
}
