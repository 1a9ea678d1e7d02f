internal import Snapshot

/// The agent's notices: what does not work as well as it could, each with its remedy.
enum Notices {
    /// One line for all of them; none where there are none.
    static func brief(_ notices: [String], width: Int?) -> [Line] {
        guard let first = notices.first else { return [] }
        if notices.count == 1, first.displayWidth + 2 <= width ?? .max { return [Line("! \(first)", .yellow)] }
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
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.displayWidth + 1 + word.displayWidth > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// All of them as a page to read.
    static func page(_ snapshot: Snapshot?, width: Int) -> Page {
        let notices = snapshot?.agent.notices ?? []
        let none = Line("  none: everything works as well as it can on this node")
        return Page(title: "Notices", lines: notices.isEmpty ? [none] : all(notices, width: width))
    }
}
