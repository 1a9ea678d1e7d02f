/// Where the values of a JSON document are, in the order of the text: found in one pass, so that what is not asked for costs
/// no more than that.
///
/// The pass checks the grammar (RFC 8259) except for what is in strings. It does not recurse, because the sender decides how
/// deep the document is.
struct JSONTape {
    enum Kind: UInt8 {
        case object, array, string
        /// With at least one backslash.
        case escapedString
        case number, yes, no, null
    }

    /// A value, or the name of a member of an object, which its value follows.
    struct Entry {
        var kind: Kind
        /// Its first byte and the one after its last; of a string without the quotation marks.
        var start: Int32
        var end: Int32
        /// The place of the entry after it and all that is in it.
        var next: Int32
    }

    /// Containers within containers; the documents of an agent have seven.
    static let deepest = 512

    let bytes: [UInt8]
    private(set) var entries: [Entry] = []
    /// Next byte.
    private var index = 0

    init(_ bytes: [UInt8]) throws(JSONProblem) {
        self.bytes = bytes
        guard bytes.count < Int32.max else { throw problem() }
        // An entry for about ten bytes.
        entries.reserveCapacity(bytes.count / 10)
        try scan()
    }

    private mutating func scan() throws(JSONProblem) {
        /// Places of the containers that are not closed yet.
        var open: [Int] = []
        while true {
            if let container = try value() {
                guard open.count < Self.deepest else { throw problem() }
                open.append(container)
                // One that is not empty has a value next.
                if !take(closing(container)) {
                    if entries[container].kind == .object { try name() }
                    continue
                }
                close(&open)
            }
            while let container = open.last, !take(UInt8(ascii: ",")) {
                guard take(closing(container)) else { throw problem() }
                close(&open)
            }
            guard let container = open.last else { break }
            if entries[container].kind == .object { try name() }
        }
        skipSpace()
        guard index == bytes.count else { throw problem() }
    }

    /// Takes a scalar whole, and of a container the opening bracket: its place is the result.
    private mutating func value() throws(JSONProblem) -> Int? {
        skipSpace()
        guard index < bytes.count else { throw problem() }
        switch bytes[index] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            append(bytes[index] == UInt8(ascii: "{") ? .object : .array, length: 1)
            return entries.count - 1
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true", .yes)
        case UInt8(ascii: "f"): try word("false", .no)
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
        return nil
    }

    private func closing(_ container: Int) -> UInt8 {
        entries[container].kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
    }

    private mutating func close(_ open: inout [Int]) {
        let container = open.removeLast()
        entries[container].end = Int32(index)
        entries[container].next = Int32(entries.count)
    }

    /// The name of a member and the colon after it.
    private mutating func name() throws(JSONProblem) {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw problem() }
        try string()
        guard take(UInt8(ascii: ":")) else { throw problem() }
    }

    private mutating func string() throws(JSONProblem) {
        index += 1
        let start = index
        var kind = Kind.string
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                entries.append(
                    Entry(kind: kind, start: Int32(start), end: Int32(index), next: Int32(entries.count + 1)))
                index += 1
                return
            case UInt8(ascii: "\\"):
                kind = .escapedString
                index += 2
            case 0x20...: index += 1
            default: throw problem()
            }
        }
        throw problem()
    }

    /// `-1.5e+3`
    private mutating func number() throws(JSONProblem) {
        let start = index
        var end = index
        func at(_ place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }
        func digits() -> Bool {
            let first = end
            while at(end) &- UInt8(ascii: "0") <= 9 { end += 1 }
            return end > first
        }
        if at(end) == UInt8(ascii: "-") { end += 1 }
        let isZero = at(end) == UInt8(ascii: "0")
        let whole = end
        var isNumber = digits() && (!isZero || end == whole + 1)
        if at(end) == UInt8(ascii: ".") {
            end += 1
            isNumber = digits() && isNumber
        }
        if at(end) | 0x20 == UInt8(ascii: "e") {
            end += 1
            if at(end) == UInt8(ascii: "+") || at(end) == UInt8(ascii: "-") { end += 1 }
            isNumber = digits() && isNumber
        }
        guard isNumber else { throw problem() }
        append(.number, length: end - start)
    }

    private mutating func word(_ word: StaticString, _ kind: Kind) throws(JSONProblem) {
        let length = word.utf8CodeUnitCount
        let isThere = word.withUTF8Buffer { bytes[index...].prefix(length).elementsEqual($0) }
        guard isThere else { throw problem() }
        append(kind, length: length)
    }

    private mutating func append(_ kind: Kind, length: Int) {
        entries.append(
            Entry(kind: kind, start: Int32(index), end: Int32(index + length), next: Int32(entries.count + 1)))
        index += length
    }

    /// Skips white space, and `byte` where it follows; false where it does not.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
    }

    private func problem() -> JSONProblem { JSONProblem(offset: min(index, bytes.count)) }
}

/// A document that is no JSON.
struct JSONProblem: Error {
    /// Where that shows, bytes from the start.
    var offset: Int
}
