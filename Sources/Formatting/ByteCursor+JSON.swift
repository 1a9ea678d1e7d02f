extension ByteCursor {
    /// A JSON string in its quotation marks; at most six bytes for each of `text`, and two.
    ///
    /// Escaped are the quotation mark, the backslash and whatever is not printable (``Swift/Unicode/Scalar/isPrintable``),
    /// so that a document can be shown on a terminal; everything else is UTF-8 as it is.
    package mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            for byte in text.utf8 { append(escaped: byte) }
        } else {
            for scalar in text.unicodeScalars { append(escaped: scalar) }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped scalar: Unicode.Scalar) {
        if scalar.isASCII { return append(escaped: UInt8(truncatingIfNeeded: scalar.value)) }
        if scalar.isPrintable {
            for byte in scalar.utf8 { append(byte) }
        } else {
            for unit in scalar.utf16 { append(unit: unit) }
        }
    }

    @inline(__always)
    private mutating func append(escaped byte: UInt8) {
        if byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { return append(byte) }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(escape: byte)
        case 0x08: append(escape: UInt8(ascii: "b"))
        case 0x09: append(escape: UInt8(ascii: "t"))
        case 0x0A: append(escape: UInt8(ascii: "n"))
        case 0x0C: append(escape: UInt8(ascii: "f"))
        case 0x0D: append(escape: UInt8(ascii: "r"))
        default: append(unit: UInt16(byte))
        }
    }

    private mutating func append(escape letter: UInt8) {
        append(UInt8(ascii: "\\"))
        append(letter)
    }

    /// `\u001b`
    private mutating func append(unit: UInt16) {
        append(escape: UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] { append(hexadecimal: UInt8(truncatingIfNeeded: unit >> UInt16(shift) & 15)) }
    }

    private mutating func append(hexadecimal digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
