internal import Snapshot

/// The agent's notices: what does not work as well as it could, each with its remedy.
enum Notices {
    /// One line for all of them; none where there are none.
    static func brief(_ notices: [String], width: Int?) -> [Line] {
        guard let first = notices.first else { return [] }
        if notices.count == 1, first.count + 2 <= width ?? .max { return [Line("! \(first)", .yellow)] }
        let count = notices.count == 1 ? "1 notice" : "\(notices.count) notices"
        return [Line("! \(count) (press ! to read): \(first)", .yellow)]
    }

    /// Each on lines of its own, broken between words where `width` (nil: endless) asks for it.
    static func all(_ notices: [String], width: Int?) -> [Line] {
        notices.flatMap { notice in
            wrapped(notice, width: max(1, (width ?? .max) - 2)).enumerated().map { index, text in
                Line((index == 0 ? "! " : "  ") + text, .yellow)
            }
        }
    }

    /// `text` in lines of at most `width` characters; a longer word is left as it is.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// All of them on a screen of their own.
    static func render(_ snapshot: Snapshot?, size: TerminalSize, colour: Bool) -> [String] {
        let notices = snapshot?.agent.notices ?? []
        var lines = [Line("Notices", .bold)] + all(notices, width: size.columns)
        if notices.isEmpty { lines.append(Line("  none: everything works as well as it can on this node")) }
        let room = max(1, size.rows - 2)
        if lines.count > room {
            lines = lines.prefix(max(1, room - 1)) + [Line("  ... energyctl top --once shows the rest", .dim)]
        }
        lines += [Line(), Line("Any key closes this.")]
        return lines.prefix(size.rows).map { $0.rendered(width: size.columns, colour: colour) }
    }
}
