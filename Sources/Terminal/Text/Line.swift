internal import Formatting

/// How a piece of text looks. Colours never carry information that the words do not.
package enum Style: String, Sendable, CaseIterable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case reverse = "7"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

/// One line of the screen, kept as text and style apart until its width is known.
///
/// All text is made printable here: names of cgroups and processes can be chosen by any user who may create them, and an
/// escape sequence in one must never reach the terminal.
package struct Line: Sendable, Equatable {
    private var segments: [(text: String, style: Style)] = []

    /// In cells of a terminal.
    package private(set) var width = 0

    package init(_ text: String = "", _ style: Style = .plain) {
        append(text, style)
    }

    package mutating func append(_ text: String, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        let clean = text.printable()
        segments.append((clean, style))
        width += clean.displayWidth
    }

    package mutating func append(_ line: Line) {
        segments += line.segments
        width += line.width
    }

    /// Appends spaces until the line is `width` cells long.
    package mutating func pad(to width: Int) {
        if self.width < width {
            append(String(repeating: " ", count: width - self.width))
        }
    }

    /// The line cut to `width` cells (nil: as long as it is), with the sequences that `look` has.
    ///
    /// A `style` other than plain replaces that of the segments and fills the line to `width`.
    package func rendered(width: Int?, look: Look, style whole: Style = .plain) -> String {
        var rest = width ?? .max
        var out = ""
        let base = look.parameters(whole)
        var open = base
        if !base.isEmpty { out += "\u{1B}[\(base)m" }
        for (text, own) in segments where rest > 0 {
            let style = whole == .plain ? look.parameters(own) : base
            if style != open {
                out += "\u{1B}[0\(style.isEmpty ? "" : ";" + style)m"
                open = style
            }
            let part = text.prefix(cells: rest)
            rest -= part.displayWidth
            out += look.shown(String(part))
            // A wide character that does not fit ends the line, whatever comes after it.
            if part.endIndex != text.endIndex { break }
        }
        if whole != .plain, let width, self.width < width {
            out += String(repeating: " ", count: width - self.width)
        }
        return open.isEmpty ? out : out + "\u{1B}[0m"
    }

    package static func == (a: Line, b: Line) -> Bool {
        a.segments.elementsEqual(b.segments) { $0.text == $1.text && $0.style == $1.style }
    }
}
