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

    /// Length in characters, whatever their width on the screen.
    package private(set) var count = 0

    package init(_ text: String = "", _ style: Style = .plain) {
        append(text, style)
    }

    package mutating func append(_ text: String, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        let clean = text.printable()
        segments.append((clean, style))
        count += clean.count
    }

    /// Appends spaces until the line is `width` characters long.
    package mutating func pad(to width: Int) {
        if count < width {
            append(String(repeating: " ", count: width - count))
        }
    }

    /// The line cut to `width` characters (nil: as long as it is), with escape sequences only if `colour`.
    ///
    /// A `style` other than plain replaces that of the segments and fills the line to `width`.
    package func rendered(width: Int?, colour: Bool, style whole: Style = .plain) -> String {
        var rest = width ?? .max
        var out = ""
        var open = whole
        if colour, whole != .plain {
            out += "\u{1B}[\(whole.rawValue)m"
        }
        for (text, own) in segments where rest > 0 {
            let style = whole == .plain ? own : whole
            if colour, style != open {
                out += "\u{1B}[0\(style == .plain ? "" : ";" + style.rawValue)m"
                open = style
            }
            let part = text.prefix(rest)
            rest -= part.count
            out += part
        }
        if whole != .plain, let width, count < width {
            out += String(repeating: " ", count: width - count)
        }
        return colour && open != .plain ? out + "\u{1B}[0m" : out
    }

    package static func == (a: Line, b: Line) -> Bool {
        a.segments.elementsEqual(b.segments) { $0.text == $1.text && $0.style == $1.style }
    }
}
