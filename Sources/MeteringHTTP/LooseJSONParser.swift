/// Reads ``LooseJSON`` from bytes.
struct LooseJSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var values = 0

    private static let deepest = 64
    private static let mostValues = 200_000

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The value at the present position; nil where there is none.
    mutating func value(depth: Int) -> LooseJSON? {
        values += 1
        guard depth < Self.deepest, values <= Self.mostValues else { return nil }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map(LooseJSON.string)
        case let byte? where Self.isOfWord(byte): return word()
        default: return nil
        }
    }

    private mutating func object(_ depth: Int) -> LooseJSON? {
        var members: [String: LooseJSON] = [:]
        position += 1
        while true {
            skipBlanksAndCommas()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard next == UInt8(ascii: "\""), let name = string() else { return nil }
            skipBlanks()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
            members[name] = value
        }
    }

    private mutating func array(_ depth: Int) -> LooseJSON? {
        var elements: [LooseJSON] = []
        position += 1
        while true {
            skipBlanksAndCommas()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
        }
    }

    /// A number or a name; a name that is not known is null.
    private mutating func word() -> LooseJSON {
        let start = position
        while let byte = next, Self.isOfWord(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: return Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .null
        }
    }

    /// The string whose opening quote is at the present position.
    private mutating func string() -> String? {
        var text: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escape = next else { return nil }
            position += 1
            switch escape {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"):
                guard let scalar = escapedScalar() else { return nil }
                text += Array(String(scalar).utf8)
            default: text.append(escape)
            }
        }
        return nil
    }

    /// What follows `\u`: one scalar, of two escapes where they are a pair.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = codeUnit() else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let before = position
        if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = codeUnit(),
            (0xDC00..<0xE000).contains(second)
        {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        }
        position = before
        return "\u{FFFD}"
    }

    private mutating func codeUnit() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        position += 4
        return UInt32(digits, radix: 16)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, byte <= 0x20 { position += 1 }
    }

    private mutating func skipBlanksAndCommas() {
        while let byte = next, byte <= 0x20 || byte == UInt8(ascii: ",") { position += 1 }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
