extension String {
    /// The text as it may be shown on a terminal, in a log line, on a page or in an error: whatever could move the cursor,
    /// begin an escape sequence, reorder or hide text is written out, an escape character as `\u{1b}`.
    ///
    /// Names of cgroups, processes and pods are chosen by users, and error texts by foreign servers. What went through it
    /// once stays as it is the next time. O(n), without an allocation where nothing is replaced.
    ///
    /// - Parameters:
    ///   - keepsLines: true for text of several lines: line feeds and tabs stay.
    ///   - isReversible: true where different texts must stay different, as in the value of a label: a `\u{` that is
    ///     already there is written `\u{5c}u{`.
    package func printable(keepsLines: Bool = false, isReversible: Bool = false) -> String {
        func passes(_ byte: UInt8) -> Bool {
            if byte < 0x20 { return keepsLines && (byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")) }
            return byte < 0x7F && !(isReversible && byte == UInt8(ascii: "\\"))
        }
        if utf8.allSatisfy(passes) { return self }
        var result = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            let isEscape = isReversible && scalar == "\\" && rest.starts(with: "u{".unicodeScalars)
            if scalar.isPrintable && !isEscape || keepsLines && (scalar == "\n" || scalar == "\t") {
                result.append(scalar)
            } else {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(result)
    }
}

extension String {
    /// A JSON document that was made elsewhere, fit for a terminal: what is not printable in its strings becomes an escape
    /// sequence of JSON, which stands for the same text, and bytes that are not UTF-8 become U+FFFD.
    package init(printableJSON document: some Collection<UInt8>) {
        self.init()
        for scalar in String(decoding: document, as: UTF8.self).unicodeScalars {
            if scalar.isPrintable || scalar == "\n" || scalar == "\t" {
                unicodeScalars.append(scalar)
            } else if scalar == "\r" {
                // Valid only between values, where any space will do.
                unicodeScalars.append(" ")
            } else {
                for unit in scalar.utf16 {
                    let digits = String(unit, radix: 16)
                    self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
    }
}

extension Unicode.Scalar {
    /// False for what has no shape of its own: control characters (C0, DEL, C1), everything that sets the direction of
    /// text, has no width or is a tag, separators of lines and paragraphs, and what Unicode has not assigned.
    package var isPrintable: Bool {
        if value < 0x7F { return value >= 0x20 }
        if value < 0xA0 { return false }
        if properties.isDefaultIgnorableCodePoint { return false }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate: false
        default: true
        }
    }
}
