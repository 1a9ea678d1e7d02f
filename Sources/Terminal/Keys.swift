internal import Formatting

/// One stroke on the keyboard.
package enum Key: Hashable, Sendable {
    case up, down, left, right
    case pageUp, pageDown, home, end
    case escape, enter, backspace, delete, tab, backTab
    /// With the control key held; the letter in lower case.
    case control(Character)
    /// Anything printable.
    case character(Character)
    case mouse(MouseEvent)
}

/// A click or a turn of the wheel.
package struct MouseEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case press, wheelUp, wheelDown
    }

    package var kind: Kind
    /// From 0 at the top.
    package var row: Int

    package init(kind: Kind, row: Int) {
        self.kind = kind
        self.row = row
    }

    /// `0;12;5` of `ESC [ < 0;12;5 M`: button, column and row, from 1 (xterm's mode 1006). Nil for what is not a click of
    /// the first button or the wheel.
    init?(parameters: ArraySlice<UInt8>) {
        let numbers = String(decoding: parameters.dropFirst(), as: UTF8.self).split(separator: ";").map { Int($0) }
        guard parameters.first == UInt8(ascii: "<"), numbers.count == 3, let button = numbers[0], let row = numbers[2],
            row >= 1
        else { return nil }
        switch button {
        case 0: kind = .press
        case 64: kind = .wheelUp
        case 65: kind = .wheelDown
        default: return nil
        }
        self.row = row - 1
    }
}

/// Turns the bytes a terminal sends into keys.
///
/// Sequences may arrive in pieces, so an escape byte is kept until the next bytes show what it is; call ``flush()``
/// when nothing has followed for a moment, and it was the Esc key.
package struct KeyDecoder: Sendable {
    /// The longest sequence that is waited for: the real ones are below 10 bytes.
    private static let longest = 32

    private var pending: [UInt8] = []

    package init() {}

    /// True while the bytes so far are the start of something.
    package var isWaiting: Bool { !pending.isEmpty }

    /// The keys that `bytes` complete.
    package mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes {
            pending.append(byte)
            take(into: &keys)
        }
        return keys
    }

    /// What the bytes kept so far mean when nothing follows them.
    package mutating func flush() -> [Key] {
        defer { pending = [] }
        return pending == [0x1B] ? [.escape] : []
    }

    /// Consumes ``pending`` if it is complete or can never be.
    private mutating func take(into keys: inout [Key]) {
        guard let first = pending.first else { return }
        if first == 0x1B {
            takeEscape(into: &keys)
        } else if first < 0x80 {
            pending = []
            Self.ascii(first).map { keys.append($0) }
        } else {
            takeUTF8(into: &keys)
        }
    }

    private mutating func takeEscape(into keys: inout [Key]) {
        guard pending.count > 1, let last = pending.last else { return }
        switch pending[1] {
        case UInt8(ascii: "["):
            guard pending.count > 2 else { return }
            switch last {
            case 0x40...0x7E:
                Self.sequence(parameters: pending[2..<(pending.count - 1)], final: last).map { keys.append($0) }
                pending = []
            case 0x20...0x3F where pending.count < Self.longest: break
            default: restart(with: last, into: &keys)
            }
        case UInt8(ascii: "O"):
            guard pending.count > 2 else { return }
            if (0x40...0x7E).contains(last) {
                Self.sequence(parameters: [], final: last).map { keys.append($0) }
                pending = []
            } else {
                restart(with: last, into: &keys)
            }
        default:
            keys.append(.escape)
            restart(with: last, into: &keys)
        }
    }

    private mutating func takeUTF8(into keys: inout [Key]) {
        let length =
            switch pending[0] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard let last = pending.last, length > 0, pending.count == 1 || (0x80...0xBF).contains(last) else {
            let isStray = pending.count == 1
            let last = pending.last ?? 0
            pending = []
            if !isStray { restart(with: last, into: &keys) }
            return
        }
        guard pending.count == length else { return }
        if let text = String(validating: pending, as: UTF8.self), let character = text.first,
            text.unicodeScalars.allSatisfy(\.isPrintable)
        {
            keys.append(.character(character))
        }
        pending = []
    }

    /// Drops what was pending and takes `byte` as the start of something new.
    private mutating func restart(with byte: UInt8, into keys: inout [Key]) {
        pending = [byte]
        take(into: &keys)
    }

    private static func ascii(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0D, 0x0A: .enter
        case 0x09: .tab
        case 0x7F, 0x08: .backspace
        case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
        case 0x20...0x7E: .character(Character(Unicode.Scalar(byte)))
        default: nil
        }
    }

    /// The key of a CSI or SS3 sequence, as xterm, the Linux console, rxvt, tmux and screen send them. Modifiers
    /// (a second parameter) are ignored.
    private static func sequence(parameters: ArraySlice<UInt8>, final: UInt8) -> Key? {
        if parameters.first == UInt8(ascii: "<") {
            // A press ends with M, a release with m.
            return final == UInt8(ascii: "M") ? MouseEvent(parameters: parameters).map(Key.mouse) : nil
        }
        return switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "Z"): .backTab
        case UInt8(ascii: "~"):
            switch String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self) {
            case "1", "7": .home
            case "4", "8": .end
            case "3": .delete
            case "5": .pageUp
            case "6": .pageDown
            default: nil
            }
        default: nil
        }
    }
}
