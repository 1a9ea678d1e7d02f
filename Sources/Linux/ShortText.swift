extension String {
    /// The text itself where it has at most `limit` bytes; else its beginning and its end with a hash of the whole between
    /// them, so that two long texts that differ anywhere stay two: `/user.slice/nnn~9f86d081884c7d65~nnnn`.
    ///
    /// Names that users choose are up to 255 bytes, and paths any number of them; every place where they are shown or
    /// exported repeats them.
    ///
    /// What is written out where it is shown (control characters, bytes that are no text) counts as that takes.
    ///
    /// - Parameter limit: bytes, at least 64.
    package func shortened(to limit: Int = Self.longestShown) -> String {
        let bytes = utf8
        // The usual case: short even if all of it were written out.
        guard bytes.count * UInt8.heaviest > limit, bytes.reduce(0, { $0 + $1.weight }) > limit else { return self }
        let mark = "~" + Self.hash(bytes) + "~"
        let side = (limit - mark.utf8.count) / 2
        var (head, tail) = (bytes.startIndex, bytes.endIndex)
        var left = side
        while head < bytes.endIndex, bytes[head].weight <= left {
            left -= bytes[head].weight
            head = bytes.index(after: head)
        }
        left = side
        while tail > head, bytes[bytes.index(before: tail)].weight <= left {
            tail = bytes.index(before: tail)
            left -= bytes[tail].weight
        }
        // Between characters: half of one would be replaced by something longer.
        while head > bytes.startIndex, head < bytes.endIndex, bytes[head].isContinuation {
            head = bytes.index(before: head)
        }
        while tail < bytes.endIndex, bytes[tail].isContinuation { tail = bytes.index(after: tail) }
        return String(Substring(bytes[..<head])) + mark + String(Substring(bytes[tail...]))
    }

    /// Bytes of a name, path or label value that is shown or exported.
    package static let longestShown = 256

    /// FNV-1a, 64 bits, in hexadecimal. http://www.isthe.com/chongo/tech/comp/fnv/
    private static func hash(_ bytes: UTF8View) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension UInt8 {
    /// What it takes at most where it is shown. Control characters are written out in six bytes; so is what begins with
    /// one of these bytes: C1, spaces without width, marks of direction, private use.
    fileprivate var weight: Int {
        switch self {
        case 0..<0x20, 0x7F, 0xC2, 0xE2, 0xEE, 0xEF: Self.heaviest
        default: 1
        }
    }

    fileprivate static let heaviest = 6

    /// True within a character of UTF-8.
    fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }
}
