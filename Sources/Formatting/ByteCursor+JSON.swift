extension ByteCursor {
    /// A JSON string in its quotation marks; at most six bytes for each of `text`, and two.
    ///
    /// As `JSONEncoder` without `withoutEscapingSlashes` turned off: quotation mark, backslash and control characters
    /// are escaped, everything else is UTF-8 as it is.
    package mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes { append(escaped: byte) }
        }
        if isContiguous == nil { for byte in text.utf8 { append(escaped: byte) } }
        append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func append(escaped byte: UInt8) {
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { return append(byte) }
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(hexadecimal: byte >> 4)
            append(hexadecimal: byte & 15)
        }
    }

    private mutating func append(hexadecimal digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
