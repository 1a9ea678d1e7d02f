/// How a terminal is written to: which colours it has, and which characters.
package struct Look: Sendable, Equatable {
    /// What a terminal understands, each including those before it.
    package enum Depth: Sendable, CaseIterable {
        /// No sequences at all, for pipes and files.
        case bare
        /// Bold, dim and reverse, as under `NO_COLOR`: the row of the cursor must still be seen.
        case attributes
        case sixteen
        case indexed
    }

    /// Which colours stand for good, doubtful and wrong.
    package enum Palette: String, Sendable, CaseIterable {
        /// Green, yellow, red.
        case standard
        /// Blue, orange and dark orange, which are told apart with any kind of colour vision.
        case colourBlind = "colour-blind"
    }

    package var depth: Depth
    package var palette: Palette
    /// True where the terminal's character set is not UTF-8.
    package var isASCII: Bool

    package init(_ depth: Depth, palette: Palette = .standard, isASCII: Bool = false) {
        self.depth = depth
        self.palette = palette
        self.isASCII = isASCII
    }

    package static let bare = Look(.bare)

    /// What this terminal has, by `TERM`, `COLORTERM` and the locale. `isPlain`: no colours are wanted.
    package static func of(
        isPlain: Bool, palette: Palette = .standard, environment: (String) -> String? = Environment.value
    ) -> Look {
        let isASCII = !usesUTF8(environment)
        guard ColourPolicy.isWanted(isDisabled: isPlain, isTerminal: true, environment: environment) else {
            return Look(.attributes, palette: palette, isASCII: isASCII)
        }
        let isIndexed =
            environment("TERM")?.contains("256color") == true
            || ["truecolor", "24bit"].contains(environment("COLORTERM") ?? "")
        return Look(isIndexed ? .indexed : .sixteen, palette: palette, isASCII: isASCII)
    }

    /// By the first of the variables that is not empty, as `setlocale(3)` reads them; without any it is the locale C.
    private static func usesUTF8(_ environment: (String) -> String?) -> Bool {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? "C"
        let lower = name.lowercased()
        return lower.contains("utf-8") || lower.contains("utf8")
    }

    /// The parameters of the sequence that sets `style`; empty where it looks like plain text.
    func parameters(_ style: Style) -> String {
        switch style {
        case .plain: return ""
        case .bold: return depth == .bare ? "" : "1"
        case .dim: return depth == .bare ? "" : "2"
        case .reverse: return depth == .bare ? "" : "7"
        case .red, .green, .yellow, .cyan: break
        }
        return switch (depth, palette) {
        case (.bare, _): ""
        // Emphasis takes the place of the colours that ask for attention.
        case (.attributes, _): style == .red || style == .yellow ? "1" : ""
        case (.sixteen, .standard): style.rawValue
        case (.sixteen, .colourBlind): [.red: "1;33", .green: "94", .yellow: "33", .cyan: "36"][style] ?? ""
        case (.indexed, .standard):
            [.red: "38;5;203", .green: "38;5;78", .yellow: "38;5;221", .cyan: "38;5;80"][style] ?? ""
        case (.indexed, .colourBlind):
            [.red: "1;38;5;202", .green: "38;5;75", .yellow: "38;5;214", .cyan: "38;5;117"][style] ?? ""
        }
    }
}

/// Characters beyond ASCII that the view draws with, and what stands for them elsewhere.
extension Look {
    /// Where a name was cut.
    var ellipsis: String { isASCII ? "~" : "…" }
    var ascending: String { isASCII ? "^" : "▲" }
    var descending: String { isASCII ? "v" : "▼" }
    var folded: String { isASCII ? "+ " : "▸ " }
    var unfolded: String { isASCII ? "- " : "▾ " }
    var sum: String { isASCII ? "= " : "Σ " }
    /// A whole cell of a bar.
    var bar: String { isASCII ? "|" : "█" }
    /// From nothing to the most, for curves.
    var levels: [Character] { Array(isASCII ? "_.,-=+*#" : "▁▂▃▄▅▆▇█") }

    /// `text` as the terminal's character set can show it.
    func shown(_ text: String) -> String {
        guard isASCII, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return String(text.map { $0.isASCII ? $0 : "?" })
    }
}
