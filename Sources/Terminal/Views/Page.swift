/// A text that is read in place of the table: it scrolls where it does not fit.
struct Page {
    var title: String
    var lines: [Line]
    /// Keys of its own.
    var hints: [String] = []
    /// What is being typed, in place of the last line.
    var prompt: Line?

    /// `size.rows` lines at most; `first` is brought in line with how far the text goes, `page` is how much of it is seen.
    func render(first: inout Int, page: inout Int, size: TerminalSize, look: Look) -> [String] {
        // The title and the last line are there even on a small screen.
        let room = max(1, size.rows - 2)
        page = room
        first = max(0, min(first, lines.count - room))
        let shown = lines.dropFirst(first).prefix(room)
        var out = [Line(title, .bold)] + shown
        out += [Line](repeating: Line(), count: max(0, size.rows - 1 - out.count))
        let isWhole = lines.count <= room
        let place = isWhole ? "" : "lines \(first + 1) to \(first + shown.count) of \(lines.count)  "
        let keys = (isWhole ? [] : ["j k space move"]) + hints + ["any other key closes this"]
        out.append(prompt ?? Footer.line(Line(place), hints: keys, width: size.columns))
        return out.prefix(size.rows).map { $0.rendered(width: size.columns, look: look) }
    }
}
