package import Snapshot

/// What the live view shows besides the snapshot.
package enum TopMessage: Sendable, Equatable {
    case waiting(String)
    case error(String)
}

/// Everything that a frame is made of, besides what the user has chosen.
package struct TopContent: Sendable {
    /// Powers are means already; nil before the first reading.
    package var snapshot: Snapshot?
    package var message: TopMessage?
    package var timeline: Timeline?
    package var mark: SinceMark?
    /// What the agent remembers; nil where it remembers nothing, or has not answered yet.
    package var past: PastUse?
    /// The machine that is asked, before it has answered.
    package var host: String?

    package init(_ snapshot: Snapshot? = nil, message: TopMessage? = nil, timeline: Timeline? = nil) {
        self.snapshot = snapshot
        self.message = message
        self.timeline = timeline
    }
}

/// The live view: values in, lines out.
package enum TopView {
    /// Rows of the table that the header leaves room for, if it can.
    private static let minRows = 6
    /// From this height on there is a line for the details of the selected row.
    private static let heightWithDetails = 16

    /// At most `size.rows` lines of at most `size.columns` cells. The selection and scroll of `model` are brought in
    /// line with what is there.
    package static func render(
        _ content: TopContent, model: inout TopModel, size: TerminalSize, look: Look
    ) -> [String] {
        guard size.rows > 0, size.columns > 0 else { return [] }
        if let page = page(content, model: model, size: size, look: look) {
            return page.render(first: &model.panelRow, page: &model.page, size: size, look: look)
        }
        let footerRows = size.rows >= 4 ? 1 : 0
        let titleRows = size.rows >= 3 && content.snapshot != nil ? 1 : 0
        let sumRows = size.rows >= 12 && content.snapshot != nil ? 1 : 0
        let detailRows = size.rows >= heightWithDetails ? 1 : 0
        let below = footerRows + titleRows + sumRows + detailRows
        let header = header(content, model: model, size: size, look: look)
            .prefix(max(1, size.rows - below - minRows))
        let room = max(0, size.rows - below - header.count)

        var lines = header.map { $0.rendered(width: size.columns, look: look) }
        var detail = Line()
        var sum = Line()
        let isMenu = [.sorts, .columns, .copies].contains(model.panel)
        if isMenu {
            lines += MenuView.lines(model, room: room + titleRows + sumRows, look: look, width: size.columns)
        } else if let snapshot = content.snapshot {
            let listing = Listing(snapshot, model: model, mark: content.mark)
            model.order.keep(listing.arranged, sort: model.sort, isReversed: model.isReversed)
            let smallRows = listing.small.count > 0 && room > 1 ? 1 : 0
            model.firstRowLine = lines.count + titleRows
            model.fit(listing.rows, visibleRows: room - smallRows)
            let table = LiveTable(listing.rows, model: model, width: size.columns, look: look)
            if titleRows > 0 {
                lines.append(table.titles(model).rendered(width: size.columns, look: look, style: .reverse))
            }
            lines += body(listing, table, content, snapshot, model: model, room: room, smallRows: smallRows, size, look)
            detail = listing.rows.isEmpty ? Line() : details(listing.rows[model.selected])
            sum = table.line(
                summed(listing.sum, look), NodeRates(snapshot), timeline: content.timeline, at: snapshot.unixTime)
        }
        lines += [String](
            repeating: "", count: max(0, size.rows - footerRows - detailRows - sumRows - lines.count))
        if sumRows > 0, !isMenu { lines.append(sum.rendered(width: size.columns, look: look)) }
        if detailRows > 0 { lines.append(detail.rendered(width: size.columns, look: look)) }
        if footerRows > 0 {
            let footer = isMenu ? MenuView.footer(width: size.columns) : Footer.line(model, width: size.columns)
            lines.append(footer.rendered(width: size.columns, look: look))
        }
        return Array(lines.prefix(size.rows))
    }

    private static func page(_ content: TopContent, model: TopModel, size: TerminalSize, look: Look) -> Page? {
        switch model.panel {
        case .help: return HelpView.page(model)
        case .carbon: return content.snapshot.map { CarbonView.page($0, past: content.past, look: look) }
        case .notices: return Notices.page(content.snapshot, width: size.columns)
        case .details:
            guard let row = model.current, let snapshot = content.snapshot else { return nil }
            return DetailsView.page(
                row, snapshot, previous: model.stepsBack == 0 ? content.timeline?.previous : nil,
                timeline: content.timeline, past: content.past, width: size.columns, look: look)
        case .table, .sorts, .columns, .copies: return nil
        }
    }

    private static func body(
        _ listing: Listing, _ table: LiveTable, _ content: TopContent, _ snapshot: Snapshot, model: TopModel, room: Int,
        smallRows: Int, _ size: TerminalSize, _ look: Look
    ) -> [String] {
        let node = NodeRates(snapshot)
        let rows = listing.rows
        if rows.isEmpty {
            guard room > 0 else { return [] }
            return [
                Line("  " + EmptyTable.text(snapshot, model: model), .dim).rendered(width: size.columns, look: look)
            ]
        }
        var lines = rows.indices.dropFirst(model.scroll).prefix(room - smallRows).map { index in
            let isSelected = index == model.selected
            return table.line(
                rows[index], node, timeline: content.timeline, at: snapshot.unixTime, isSelected: isSelected
            ).rendered(width: size.columns, look: look, style: isSelected ? .reverse : .plain)
        }
        if smallRows > 0 {
            let (count, watts) = listing.small
            let together = watts.flatMap { $0 > 0 ? ", together \(node.amount($0)) W" : nil } ?? ""
            let text = "  \(count) more below \(Format.fixed(Listing.smallWatts, digits: 2)) W\(together); z shows them"
            lines.append(Line(text, .dim).rendered(width: size.columns, look: look))
        }
        return lines
    }

    private static func summed(_ row: Row, _ look: Look) -> Row {
        var row = row
        row.name = look.sum + row.name
        (row.place, row.kind) = ("all rows and what is left out", "node")
        return row
    }

    private static func header(_ content: TopContent, model: TopModel, size: TerminalSize, look: Look) -> [Line] {
        var lines: [Line]
        if let snapshot = content.snapshot {
            var average = model.average.title
            if model.sinceMark, let mark = content.mark {
                average = "since the mark \(Format.duration(max(0, snapshot.unixTime - mark.time))) ago"
            }
            lines = Header.lines(
                snapshot, timeline: content.timeline, average: average, past: content.past, width: size.columns,
                rows: size.rows, look: look)
        } else {
            lines = [Line(content.host ?? "energyctl top", .bold)]
        }
        switch content.message {
        case .waiting(let text): lines.insert(Line(text), at: 1)
        case .error(let text):
            lines.insert(Line(text, .red), at: 1)
            if let snapshot = content.snapshot {
                lines.insert(Line("showing the snapshot of \(snapshot.timestamp)", .yellow), at: 2)
            }
        case nil: break
        }
        if model.isPaused, let snapshot = content.snapshot {
            let when =
                model.stepsBack > 0
                ? "PAUSED, \(model.stepsBack == 1 ? "1 reading" : "\(model.stepsBack) readings") back, " : "PAUSED at "
            lines.insert(Line("\(when)\(snapshot.timestamp)", .yellow), at: 1)
        }
        return lines
    }

    /// Everything that distinguishes the row, however narrow the table.
    private static func details(_ row: Row) -> Line {
        var line = Line("\(row.kind) \(row.name)", .bold)
        line.append("  \(row.detail.isEmpty ? row.place : row.detail)")
        return line
    }
}
