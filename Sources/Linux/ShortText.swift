internal import Formatting

extension String {
    /// The text itself where it has at most `limit` bytes; else its beginning and its end with a hash of the whole between
    /// them, so that two long texts that differ anywhere stay two: `/user.slice/nnn~9f86d081884c7d65~nnnn`.
    ///
    /// Names that users choose are up to 255 bytes, and paths any number of them; every place where they are shown or
    /// exported repeats them.
    ///
    /// Characters that are written out where they are shown count as what they become.
    ///
    /// - Parameter limit: bytes, at least 64.
    package func shortened(to limit: Int = Self.longestShown) -> String {
        let scalars = unicodeScalars
        // The usual case: short even if all of it were written out.
        guard utf8.count * Unicode.Scalar.heaviest > limit, scalars.reduce(0, { $0 + $1.weight }) > limit else {
            return self
        }
        let mark = "~" + Self.hash(utf8) + "~"
        let side = (limit - mark.utf8.count) / 2
        // They cannot meet: together they weigh less than the whole.
        var (head, tail) = (scalars.startIndex, scalars.endIndex)
        var left = side
        while scalars[head].weight <= left {
            left -= scalars[head].weight
            head = scalars.index(after: head)
        }
        left = side
        while true {
            let last = scalars.index(before: tail)
            guard scalars[last].weight <= left else { break }
            left -= scalars[last].weight
            tail = last
        }
        return String(scalars[..<head]) + mark + String(scalars[tail...])
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

extension Unicode.Scalar {
    /// Bytes that it takes where it is shown: `\u{202e}` where it has no shape of its own.
    fileprivate var weight: Int {
        isPrintable ? utf8.count : 4 + String(value, radix: 16).utf8.count
    }

    /// Bytes shown for one byte, at most: a control character's.
    fileprivate static let heaviest = 6
}
