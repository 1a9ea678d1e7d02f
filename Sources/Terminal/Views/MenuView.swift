internal import Formatting

/// A menu in place of the table: numbered, with a cursor.
enum MenuView {
    static func lines(_ model: TopModel, room: Int, look: Look, width: Int) -> [String] {
        let title =
            switch model.panel {
            case .sorts: "Sort by"
            case .columns: "Columns"
            default: "Copy to the clipboard"
            }
        var lines = [Line(title, .bold)]
        let menu = model.menu
        // The cursor stays in sight.
        let first = max(0, model.panelRow - max(1, room - 2) + 1)
        for (index, item) in menu.enumerated().dropFirst(first) {
            let isSelected = index == model.panelRow
            let mark = model.panel == .copies ? "" : item.isOn ? "[x] " : "[ ] "
            let number = index < 9 ? "\(index + 1)" : " "
            lines.append(Line("\(isSelected ? "> " : "  ")\(number) \(mark)\(item.title)", isSelected ? .bold : .plain))
        }
        // A text that is copied can be read whole, for terminals that do not take it.
        if model.panel == .copies, menu.indices.contains(model.panelRow) {
            lines.append(Line())
            lines += broken(menu[model.panelRow].text, width: max(1, width)).map { Line($0) }
        }
        return lines.prefix(room).map { $0.rendered(width: width, look: look) }
    }

    /// `text` in lines of `width` cells, wherever that breaks it.
    private static func broken(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var rest = text.printable()[...]
        while !rest.isEmpty {
            let line = rest.prefix(cells: width)
            guard !line.isEmpty else { break }
            lines.append(String(line))
            rest = rest[line.endIndex...]
        }
        return lines
    }

    static func footer(width: Int) -> Line {
        Footer.line(Line(), hints: ["Enter or a number chooses", "Esc closes", "j k move"], width: width)
    }
}
