/// What the values of a document mean. Nil for what is of another type, or cannot be expressed.
extension JSONTape {
    /// The text at `place`, a string or a name.
    func string(at place: Int) -> String? {
        let entry = entries[place]
        let text = bytes[Int(entry.start)..<Int(entry.end)]
        switch entry.kind {
        case .string: return String(validating: text, as: UTF8.self)
        case .escapedString: return Self.unescaped(text).flatMap { String(validating: $0, as: UTF8.self) }
        default: return nil
        }
    }

    /// True where the name at `place` is `name`.
    func isName(at place: Int, _ name: String) -> Bool {
        let entry = entries[place]
        guard entry.kind == .string else { return string(at: place) == name }
        var name = name
        let (start, count) = (Int(entry.start), Int(entry.end - entry.start))
        return name.withUTF8 { name in
            guard name.count == count else { return false }
            for offset in 0..<count where bytes[start + offset] != name[offset] { return false }
            return true
        }
    }

    /// Calls `body` with the place of the name of each member, whose value is at the next place, until it returns false. False
    /// then, and for what is no object.
    func eachMember(of place: Int, _ body: (Int) -> Bool) -> Bool {
        guard entries[place].kind == .object else { return false }
        var member = place + 1
        while member < Int(entries[place].next) {
            guard body(member) else { return false }
            member = Int(entries[member + 1].next)
        }
        return true
    }

    func bool(at place: Int) -> Bool? {
        switch entries[place].kind {
        case .yes: true
        case .no: false
        default: nil
        }
    }

    /// A whole number, `5.0` and `5e1` included.
    func integer<Value: FixedWidthInteger>(at place: Int, as type: Value.Type = Value.self) -> Value? {
        let entry = entries[place]
        guard entry.kind == .number else { return nil }
        var magnitude: UInt64 = 0
        let isNegative = bytes[Int(entry.start)] == UInt8(ascii: "-")
        for byte in bytes[Int(entry.start)..<Int(entry.end)].dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return double(at: place).flatMap(Value.init(exactly:)) }
            let (product, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = product.addingReportingOverflow(UInt64(digit))
            guard !isTooLarge, !isLarger else { return nil }
            magnitude = sum
        }
        guard isNegative else { return Value(exactly: magnitude) }
        return magnitude == 1 << 63
            ? Value(exactly: Int64.min) : Int64(exactly: magnitude).flatMap { Value(exactly: -$0) }
    }

    /// The nearest number there is; nil for one beyond them all.
    func double(at place: Int) -> Double? {
        let entry = entries[place]
        guard entry.kind == .number else { return nil }
        let text = bytes[Int(entry.start)..<Int(entry.end)]
        return Self.exact(text) ?? Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Up to here a `Double` has all whole numbers, and all powers of ten.
    private static let mostExact: UInt64 = 1 << 53
    private static let powers: [Double] = (0...22).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

    /// A number of few digits: one division or multiplication of two numbers that are exact rounds correctly (W. D. Clinger,
    /// How to Read Floating Point Numbers Accurately, 1990). Nil for others.
    private static func exact(_ text: ArraySlice<UInt8>) -> Double? {
        var digits: UInt64 = 0
        var decimals = 0
        var isFraction = false
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            if byte == UInt8(ascii: ".") {
                isFraction = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9, digits < mostExact / 10 else { return nil }
            digits = digits * 10 + UInt64(digit)
            if isFraction { decimals += 1 }
        }
        guard decimals < powers.count else { return nil }
        let value = Double(digits) / powers[decimals]
        return isNegative ? -value : value
    }

    /// `text` without its backslashes; nil where one is not followed by what it should be.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(&rest) else { return nil }
                out += Character(scalar).utf8
            case .some(let same) where "\"\\/".utf8.contains(same): out.append(same)
            default: return nil
            }
        }
        return out
    }

    /// `00e9`, or `d83d\ude00`, the two halves of a character beyond 16 bits.
    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let first = unit(&rest) else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"), let second = unit(&rest),
            (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
