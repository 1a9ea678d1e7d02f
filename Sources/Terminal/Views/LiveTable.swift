internal import Formatting

/// The table of the live view: the name has the room that identifies a row, and the least important columns give way.
struct LiveTable {
    /// What the name, with what identifies it, is left before a column goes: of a flat list, and of the tree.
    private static let nameWidths = (flat: 40, tree: 30)
    /// Of the name alone where more follows, in percent of both.
    private static let namePercent = 50
    private static let trendSeconds = 120.0

    let shown: [Column]
    private let width: Int
    private let nameWidth: Int
    private let look: Look
    private let isTree: Bool

    init(_ rows: [Row], model: TopModel, width: Int, look: Look) {
        isTree = model.grouping == .all
        var shown = model.columns ?? Column.standard
        if model.sinceMark {
            shown = [.watts, .before, .wattHours, .grams, .kind]
            if !rows.contains(where: { $0.wattsBefore != nil }) { shown.removeAll { $0 == .before } }
        }
        // In a list of one kind the title says it already.
        if model.columns == nil, !isTree, model.grouping != .unit { shown.removeAll { $0 == .kind } }
        if !shown.contains(.watts) { shown.insert(.watts, at: 0) }
        let wanted = min(isTree ? Self.nameWidths.tree : Self.nameWidths.flat, max(18, width * 6 / 10))
        for column in Column.dispensable where Self.fixedWidth(shown) + wanted > width {
            shown.removeAll { $0 == column }
        }
        self.shown = shown + [.name]
        self.width = width
        self.look = look
        let room = max(1, width - Self.fixedWidth(shown))
        // At least "everything else", which every such list ends with.
        let longest = rows.lazy.filter { !$0.isPart }.reduce(15) { max($0, Self.indent($1) + $1.name.displayWidth) }
        let hasPlaces = rows.contains { !$0.place.isEmpty && !$0.isPart }
        nameWidth = isTree || !hasPlaces ? room : min(longest, max(12, room * Self.namePercent / 100))
    }

    private static func fixedWidth(_ columns: [Column]) -> Int {
        columns.reduce(2) { $0 + $1.width + 1 }
    }

    private static func indent(_ row: Row) -> Int { 2 * min(row.depth, 12) + (row.fold == .none ? 0 : 2) }

    /// The titles, with an arrow at the one that the rows are sorted by.
    func titles(_ model: TopModel) -> Line {
        var line = Line("  ")
        for column in shown {
            var title = column.title
            if column.sort == model.sort {
                title += model.sort.isText == model.isReversed ? look.descending : look.ascending
            }
            let padding = String(repeating: " ", count: max(0, column.width - title.displayWidth))
            line.append((column.isText ? title + padding : padding + title) + " ")
        }
        return line
    }

    func line(_ row: Row, _ node: NodeRates, timeline: Timeline?, at time: Double, isSelected: Bool = false) -> Line {
        let base: Style = row.isParent || !row.isAlive || row.isPart ? .dim : .plain
        var line = Line(isSelected ? "> " : "  ", .bold)
        for column in shown where column != .name {
            let style: Style =
                [.bar, .trend].contains(column) ? .green : column == .watts && base == .plain ? .bold : base
            line.append(cell(column, row, node, timeline: timeline, at: time) + " ", style)
        }
        append(nameOf: row, to: &line, style: base)
        return line
    }

    private func append(nameOf row: Row, to line: inout Line, style: Style) {
        let start = line.width
        line.append(String(repeating: "  ", count: min(row.depth, 12)))
        switch row.fold {
        case .none: break
        case .open: line.append(look.unfolded, .dim)
        case .closed: line.append(look.folded, .dim)
        }
        let ended = row.isAlive ? "" : " (ended)"
        let room = max(4, min(nameWidth, width - start) - (line.width - start) - ended.count)
        line.append(row.name.printable().shortened(to: room, mark: look.ellipsis), style)
        line.append(ended, .dim)
        let rest = width - max(line.width, isTree ? 0 : start + nameWidth) - 2
        guard rest >= 8, !row.place.isEmpty, !isTree || row.isPart || row.kind == "process" else { return }
        line.pad(to: isTree ? 0 : start + nameWidth)
        line.append("  " + place(of: row, width: rest), .dim)
    }

    /// What identifies the row: of a process the PID is never cut, nor the end of a path, which differs.
    private func place(of row: Row, width: Int) -> String {
        let text = row.place.printable()
        if row.isPart { return text.truncated(to: width, mark: look.ellipsis) }
        let pid = row.pid.map { "pid \($0)  " } ?? ""
        guard text.hasPrefix(pid), pid.count + 4 <= width else { return text.truncated(to: width, mark: look.ellipsis) }
        return pid + String(text.dropFirst(pid.count)).shortened(to: width - pid.count, mark: look.ellipsis)
    }

    private func cell(_ column: Column, _ row: Row, _ node: NodeRates, timeline: Timeline?, at time: Double) -> String {
        switch column {
        case .watts: return Format.aligned(node.amount(row.watts))
        case .quality: return node.qualities.quality(of: row)?.mark ?? " "
        case .before: return Format.aligned(node.amount(row.wattsBefore))
        case .rate: return Format.aligned(node.amount(row.watts.flatMap(node.gramsPerHour)))
        case .wattHours: return Format.aligned(Format.wattHours(row.joules))
        case .grams: return Format.aligned(Format.quantity(row.grams))
        case .cpu: return Format.aligned(Format.percent(row.cpus.map { $0 * 100 }), whole: 4, fraction: 1)
        case .share:
            guard let share = node.share(row) else { return Format.aligned(Format.unknown, whole: 3, fraction: 2) }
            return Format.aligned(Format.percent(share * 100) + "%", whole: 3, fraction: 2)
        case .joules:
            let parts = Format.joules(row.joules).split(separator: " ")
            return Format.aligned(String(parts[0]), whole: 3, fraction: 2).padded(to: 6) + " "
                + (parts.count > 1 ? String(parts[1]) : "").padded(to: 2)
        case .bar:
            let cells = min(
                Column.barWidth, max(0, Int(nearest: ((node.share(row) ?? 0) * Double(Column.barWidth)).rounded())))
            return String(repeating: look.bar, count: cells).padded(to: Column.barWidth)
        case .trend:
            let powers = timeline?.series(row.id)?.powers(Column.trend.width, seconds: Self.trendSeconds, until: time)
            return Trend.text(powers ?? [], look: look).padded(to: Column.trend.width)
        case .kind: return row.kind.printable().truncated(to: 9, mark: look.ellipsis).padded(to: 9)
        case .name: return row.name
        }
    }
}

/// A curve of powers in one line.
enum Trend {
    /// A character for each value, from nothing to the largest; a space where it is not known.
    static func text(_ powers: [Double?], look: Look) -> String {
        let most = powers.compactMap(\.self).max() ?? 0
        let levels = look.levels
        return String(
            powers.map { power -> Character in
                guard let power else { return " " }
                guard most > 0 else { return levels[0] }
                return levels[max(0, min(levels.count - 1, Int(nearest: power / most * Double(levels.count) * 0.9999)))]
            })
    }
}
