/// The last line: the state of the view, and the keys that there is room for.
enum Footer {
    /// `state`, and as many of `hints` as fit behind it, the most important first.
    static func line(_ state: Line, hints: [String], width: Int) -> Line {
        var line = state
        for hint in hints {
            let text = (line.width > 0 ? "  " : "") + hint
            guard line.width + text.displayWidth <= width else { break }
            line.append(text, .dim)
        }
        return line
    }

    static func line(_ model: TopModel, width: Int) -> Line {
        let filter = RowFilter(parsing: model.filter)
        if model.isEditingFilter {
            var line = Line("filter: ", .bold)
            line.append(model.filter)
            line.append(" ", .reverse)
            if let ignored = filter.ignored { line.append("  not yet: \(ignored)", .yellow) }
            return Self.line(
                line, hints: ["Enter keeps it", "Esc clears it", "watts>1 and ns=prod", "name~web", "not kind=unit"],
                width: width)
        }
        if let remark = model.remark { return Line(remark, .yellow) }
        var state = Line()
        if model.isPaused { state.append("PAUSED  ", .yellow) }
        if !model.filter.isEmpty {
            state.append("filter: \(model.filter)  ", .yellow)
            if let ignored = filter.ignored { state.append("left out: \(ignored)  ", .yellow) }
        }
        if model.followed != nil { state.append("following  ", .yellow) }
        state.append("\(model.grouping.title) by \(model.sort.title)\(model.isReversed ? ", reversed" : "")", .bold)
        if model.showsEnded { state.append(", with ended", .bold) }
        let hints =
            model.isPaused
            ? ["[ ] back and forward", "Space resume", "h help", "q quit"]
            : [
                "h help", "q quit", "Enter details", "Tab group", "/ filter", "Space pause",
                "every \(interval(model.interval))", "t average", "s sort", "m mark", "c carbon", "y copy",
            ]
        return line(state, hints: hints, width: width)
    }

    private static func interval(_ seconds: Double) -> String {
        seconds < 1 ? "\(Format.fixed(seconds * 1000, digits: 0)) ms" : "\(Format.fixed(seconds, digits: 0)) s"
    }
}
