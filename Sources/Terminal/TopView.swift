package import Snapshot

/// What the live view shows besides the snapshot.
package enum TopMessage: Sendable, Equatable {
    case waiting(String)
    case error(String)
}

/// The live view: values in, lines out.
package enum TopView {
    /// Rows of the table that the header leaves room for, if it can.
    private static let minRows = 6
    /// From this height on there is a line for the details of the selected row.
    private static let heightWithDetails = 16

    /// At most `size.rows` lines of at most `size.columns` characters. The selection and scroll of `model` are
    /// brought in line with what is there.
    package static func render(
        snapshot: Snapshot?, message: TopMessage? = nil, model: inout TopModel, size: TerminalSize, colour: Bool
    ) -> [String] {
        guard size.rows > 0, size.columns > 0 else { return [] }
        guard !model.showsHelp else { return HelpView.render(size: size, colour: colour) }
        guard !model.showsNotices else { return Notices.render(snapshot, size: size, colour: colour) }

        let footerRows = size.rows >= 4 ? 1 : 0
        let titleRows = size.rows >= 3 && snapshot != nil ? 1 : 0
        let detailRows = size.rows >= heightWithDetails ? 1 : 0
        let below = footerRows + titleRows + detailRows
        let header = header(snapshot, message: message, model: model, width: size.columns)
            .prefix(max(1, size.rows - below - minRows))
        let room = max(0, size.rows - below - header.count)

        var lines = header.map { $0.rendered(width: size.columns, colour: colour) }
        var detail = Line()
        if let snapshot {
            let columns = Columns(width: size.columns)
            if titleRows > 0 {
                lines.append(columns.titles(model).rendered(width: size.columns, colour: colour, style: .reverse))
            }
            let rows = Rows.make(snapshot, model: model).rows
            model.fit(ids: rows.map(\.id), visibleRows: room)
            let node = NodeRates(snapshot)
            for index in rows.indices.dropFirst(model.scroll).prefix(room) {
                let isSelected = index == model.selected
                lines.append(
                    columns.line(rows[index], node, isSelected: isSelected)
                        .rendered(width: size.columns, colour: colour, style: isSelected ? .reverse : .plain))
            }
            if rows.isEmpty, room > 0 {
                lines.append(
                    Line("  " + EmptyTable.text(snapshot, model: model), .dim)
                        .rendered(width: size.columns, colour: colour))
            } else if !rows.isEmpty {
                detail = details(rows[model.selected])
            }
        }
        lines += [String](repeating: "", count: max(0, size.rows - footerRows - detailRows - lines.count))
        if detailRows > 0 {
            lines.append(detail.rendered(width: size.columns, colour: colour))
        }
        if footerRows > 0 {
            lines.append(footer(model).rendered(width: size.columns, colour: colour))
        }
        return lines
    }

    private static func header(
        _ snapshot: Snapshot?, message: TopMessage?, model: TopModel, width: Int
    ) -> [Line] {
        var lines = snapshot.map { Summary.lines($0, width: width) } ?? [Line("energyctl top", .bold)]
        switch message {
        case .waiting(let text): lines.insert(Line(text), at: 1)
        case .error(let text):
            lines.insert(Line(text, .red), at: 1)
            if let snapshot {
                lines.insert(Line("showing the snapshot of \(snapshot.timestamp)", .yellow), at: 2)
            }
        case nil: break
        }
        if model.isPaused {
            lines[0].append("  PAUSED", .yellow)
        }
        return lines
    }

    /// Everything that distinguishes the row, however narrow the table.
    private static func details(_ row: Row) -> Line {
        var line = Line("\(row.kind) \(row.name)", .bold)
        line.append("  \(row.detail)")
        if !row.keywords.isEmpty {
            line.append("  " + row.keywords.sorted().joined(separator: " "), .dim)
        }
        return line
    }

    private static func footer(_ model: TopModel) -> Line {
        if model.isEditingFilter {
            var line = Line("filter: ", .bold)
            line.append(model.filter)
            line.append(" ", .reverse)
            line.append("  Enter keeps it, Esc clears it", .dim)
            return line
        }
        var line = Line()
        if !model.filter.isEmpty {
            line.append("filter: \(model.filter)  ", .yellow)
        }
        line.append("\(model.grouping.title) by \(model.sort.rawValue)\(model.isReversed ? " reversed" : "")", .bold)
        line.append(model.showsEnded ? ", with ended" : "", .bold)
        line.append("  every \(interval(model.interval))  ")
        line.append("h help  q quit  g group  / filter  p pause", .dim)
        return line
    }

    private static func interval(_ seconds: Double) -> String {
        seconds < 1 ? "\(Format.fixed(seconds * 1000, digits: 0)) ms" : "\(Format.fixed(seconds, digits: 0)) s"
    }
}
