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

    private let saved: termios

    /// Throws ``Failure`` unless both standard input and output are a terminal.
    package init() throws {
        var modes = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &modes) == 0 else { throw Failure() }
        let saved = modes
        cfmakeraw(&modes)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes) == 0 else { throw Failure() }
        do {
            try Output.write(Array(Screen.enter.utf8))
        } catch {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, [saved])
            throw error
        }
        self.saved = saved
    }

    deinit {
        // A terminal that is gone needs no restoring.
        try? Output.write(Array(Screen.leave.utf8))
        var modes = saved
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes)
    }

    /// Replaces what is shown by `lines`, without a moment of emptiness in between.
    package func show(_ lines: [String]) throws {
        try Output.write(Screen.frame(lines))
    }

    /// The bytes of one refresh: from the top left corner, each line cleared to its end, the rest of the screen too.
    package static func frame(_ lines: [String]) -> [UInt8] {
        var frame = "\u{1B}[H"
        for (index, line) in lines.enumerated() {
            frame += (index == 0 ? "" : "\r\n") + line + "\u{1B}[K"
        }
        return Array((frame + "\u{1B}[J").utf8)
    }
}
