/// How many cells of a terminal text takes, by East Asian Width (UAX #11): wide and fullwidth characters two, marks that
/// combine with the character before them none, all others one.
package enum DisplayWidth {
    /// First and last of what is wide or fullwidth, or shown as an emoji by default. Unicode 16, EastAsianWidth.txt.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
        0x25FD...0x25FE, 0x2614...0x2615, 0x2630...0x2637, 0x2648...0x2653, 0x267F...0x267F, 0x268A...0x268F,
        0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE,
        0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD,
        0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755,
        0x2757...0x2757, 0x2795...0x2797, 0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50,
        0x2B55...0x2B55, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4DC0...0x4DFF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x1B2FF, 0x1D300...0x1D376, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF,
        0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C,
        0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4,
        0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E,
        0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F,
        0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6D7, 0x1F6DC...0x1F6DF,
        0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB, 0x1F7F0...0x1F7F0, 0x1F90C...0x1F93A,
        0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]

    /// O(log n) in the number of ranges; constant for Latin text.
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return 1 }
        // Vowels and final consonants of Hangul join the syllable before them.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        var (low, high) = (0, wide.count)
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value) ? 2 : 1
    }

    package static func of(_ character: Character) -> Int {
        character.isASCII ? 1 : character.unicodeScalars.reduce(0) { $0 + of($1) }
    }

    package static func of(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + of($1) }
    }
}

extension StringProtocol {
    /// In cells of a terminal.
    var displayWidth: Int { DisplayWidth.of(self) }

    /// As many whole characters from the start as fit into `width` cells.
    func prefix(cells width: Int) -> SubSequence {
        var rest = width
        return prefix { character in
            rest -= DisplayWidth.of(character)
            return rest >= 0
        }
    }

    /// The same from the end.
    func suffix(cells width: Int) -> SubSequence {
        var rest = width
        var start = endIndex
        while start > startIndex {
            let before = index(before: start)
            rest -= DisplayWidth.of(self[before])
            guard rest >= 0 else { break }
            start = before
        }
        return self[start...]
    }
}

extension String {
    /// With spaces up to `width` cells; as it is where it is wider.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - displayWidth))
    }

    /// At most `width` cells, of which `mark` is put where something was left out: in the middle, because names of pods
    /// differ at their ends.
    func shortened(to width: Int, mark: String) -> String {
        guard displayWidth > width else { return self }
        let room = width - mark.displayWidth
        guard room >= 2 else { return String(prefix(cells: width)) }
        return prefix(cells: room - room / 2) + mark + suffix(cells: room / 2)
    }

    /// The same with the mark at the end.
    func truncated(to width: Int, mark: String) -> String {
        guard displayWidth > width else { return self }
        let room = width - mark.displayWidth
        return room < 1 ? String(prefix(cells: width)) : prefix(cells: room) + mark
    }
}
