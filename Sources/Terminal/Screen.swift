import Glibc

/// Columns and rows of a terminal.
package struct TerminalSize: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// The size of the terminal at `descriptor`; 80 x 24 if it has none.
    package static func current(_ descriptor: Int32 = STDOUT_FILENO) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize(columns: 80, rows: 24)
        }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}

/// A terminal taken over for a full-screen view, and given back as it was by `deinit`.
package struct Screen: ~Copyable {
    /// Not a terminal, or one that cannot be switched to raw mode.
    package struct Failure: Error, CustomStringConvertible {
        package let description = "the live view needs a terminal: use --once, or --output json, in a pipe"
    }

    /// Alternate screen, hidden cursor, no wrapping at the margin (a wide character may overrun a line).
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leave = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
    /// Clicks and the wheel, in the form that has no limit of columns.
    private static let mouseOn = "\u{1B}[?1000h\u{1B}[?1006h"
    private static let mouseOff = "\u{1B}[?1006l\u{1B}[?1000l"

    private let saved: termios
    private let usesMouse: Bool
    /// What is on the screen; nil where that is not known.
    private var shown: [String]?

    /// Throws ``Failure`` unless both standard input and output are a terminal.
    package init(usesMouse: Bool = false) throws {
        var modes = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &modes) == 0 else { throw Failure() }
        try Self.take(modes, usesMouse: usesMouse)
        saved = modes
        self.usesMouse = usesMouse
    }

    deinit {
        // A terminal that is gone needs no restoring.
        try? give()
    }

    /// Takes the terminal over, again after ``give()``.
    package mutating func take() throws {
        shown = nil
        try Self.take(saved, usesMouse: usesMouse)
    }

    private static func take(_ saved: termios, usesMouse: Bool) throws {
        var modes = saved
        cfmakeraw(&modes)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes) == 0 else { throw Failure() }
        do {
            try Output.write(Array((Screen.enter + (usesMouse ? Screen.mouseOn : "")).utf8))
        } catch {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, [saved])
            throw error
        }
    }

    /// Gives the terminal back, as before a stop.
    package func give() throws {
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, [saved]) }
        try Output.write(Array(((usesMouse ? Screen.mouseOff : "") + Screen.leave).utf8))
    }

    /// What the screen shows is not known any more: the next frame is written whole.
    package mutating func forget() { shown = nil }

    /// Replaces what is shown by `lines`, without a moment of emptiness in between. Only lines that have changed are
    /// written.
    package mutating func show(_ lines: [String]) throws {
        let frame = Screen.frame(lines, after: shown)
        shown = lines
        if !frame.isEmpty { try Output.write(frame) }
    }

    /// Writes a sequence that shows nothing, such as one that fills the clipboard.
    package func send(_ sequence: String) throws { try Output.write(Array(sequence.utf8)) }

    /// The bytes that turn `old` into `lines`; without it what was there before is unknown, and everything is written.
    ///
    /// A line is erased before it is written: after a full line the cursor is on the last column, and erasing to the end
    /// of the line would take the character that was just written.
    package static func frame(_ lines: [String], after old: [String]? = nil) -> [UInt8] {
        var frame = old == nil ? "\u{1B}[0m\u{1B}[2J" : ""
        for (index, line) in lines.enumerated() where old.map({ index >= $0.count || $0[index] != line }) ?? true {
            frame += "\u{1B}[\(index + 1);1H\u{1B}[K\(line)"
        }
        if let old, lines.count < old.count { frame += "\u{1B}[\(lines.count + 1);1H\u{1B}[J" }
        return Array(frame.utf8)
    }
}
