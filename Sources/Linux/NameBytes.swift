/// Names of files as text, without loss.
///
/// A name is any bytes. A `String` is Unicode, and two that are written differently may be equal (`é` and `e` with an
/// accent put on it). So in a name that is not plain text each byte above 127 is encoded as one code point of private
/// use, U+EF80 to U+EFFF: different names are different texts, and every name can be opened again.
package enum NameBytes {
    /// The text of one name, or of several with `/` between them, whatever bytes they have.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { nameText(Array($0)) }
            .joined(separator: "/")
    }

    /// The bytes that a text of ``text(_:)`` stands for; of any other text its own.
    package static func bytes(of text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            // U+EF80 to U+EFBF are EE BE 80 to EE BE BF, U+EFC0 to U+EFFF are EE BF 80 to EE BF BF.
            if byte == mark, let row = rest.first, row == 0xBE || row == 0xBF, let last = rest.dropFirst().first {
                rest = rest.dropFirst(2)
                result.append(row == 0xBE ? last : last | 0x40)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// The text for people: what is not UTF-8 is replaced.
    package static func readable(_ text: String) -> String {
        isEscaped(text.utf8) ? String(decoding: bytes(of: text), as: UTF8.self) : text
    }

    /// False for a text that stands for itself.
    package static func isEscaped(_ text: some Sequence<UInt8>) -> Bool { text.contains(mark) }

    /// The first byte of every code point that stands for a byte.
    private static let mark: UInt8 = 0xEE

    private static func nameText(_ name: [UInt8]) -> String {
        if let text = String(validating: name, as: UTF8.self), text.unicodeScalars.allSatisfy(isPlain) { return text }
        var text = ""
        for byte in name {
            // Bytes below 128 are ASCII wherever they stand.
            text.unicodeScalars.append(Unicode.Scalar(byte < 0x80 ? UInt32(byte) : 0xEF00 + UInt32(byte)) ?? "?")
        }
        return text
    }

    /// True for letters, digits, punctuation and symbols that never merge with what stands beside them, nor are equal
    /// to anything else: then equal texts have equal bytes.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return true }
        // Korean letters in parts put themselves together; beyond the first plane there are other such scripts.
        if (0x1100...0x11FF).contains(scalar.value) || scalar.value > 0xFFFF { return false }
        if scalar.properties.isFullCompositionExclusion { return false }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .control, .format, .surrogate, .privateUse, .unassigned,
            .lineSeparator, .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }
}
