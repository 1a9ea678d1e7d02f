/// Writes values as bytes, or reads them from there. The same calls in the same order do both, so that a format is
/// described once.
///
/// Numbers are LEB128 (seven bits a byte, lowest first), signed ones zigzag; texts stand there in full the first time
/// and are numbers afterwards. Reading throws at anything that was not written, and never allocates more than the bytes
/// can hold.
struct RecordCoder {
    struct Malformed: Error {}

    let isReading: Bool
    private var written: [UInt8] = []
    private var rest: ArraySlice<UInt8> = []
    private var texts: [String] = []
    private var numbersOfTexts: [String: Int] = [:]

    /// More texts than this are forgotten, on both sides.
    private static let textLimit = 200_000

    private init(isReading: Bool) {
        self.isReading = isReading
    }

    static func writer() -> RecordCoder { RecordCoder(isReading: false) }
    static func reader() -> RecordCoder { RecordCoder(isReading: true) }

    /// Bytes that were written and not taken yet.
    var size: Int { written.count }

    mutating func takeBytes() -> [UInt8] {
        defer { written = [] }
        return written
    }

    /// The bytes that are read from now on.
    mutating func begin(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Called between two records.
    mutating func trim() {
        guard texts.count > Self.textLimit else { return }
        texts = []
        numbersOfTexts = [:]
    }

    private mutating func readByte() throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Malformed() }
        return byte
    }

    mutating func number(_ value: inout UInt64) throws(Malformed) {
        guard isReading else {
            var left = value
            while left >= 0x80 {
                written.append(UInt8(truncatingIfNeeded: left) | 0x80)
                left >>= 7
            }
            written.append(UInt8(left))
            return
        }
        value = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try readByte()
            let part = UInt64(byte & 0x7F)
            guard shift < 63 || part <= 1 else { throw Malformed() }
            value |= part << shift
            if byte & 0x80 == 0 { return }
        }
        throw Malformed()
    }

    mutating func signed(_ value: inout Int64) throws(Malformed) {
        var folded = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        try number(&folded)
        value = Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// A number that is near another one, or wraps around to it.
    mutating func number(_ value: inout UInt64, near other: UInt64) throws(Malformed) {
        var difference = Int64(bitPattern: value &- other)
        try signed(&difference)
        value = other &+ UInt64(bitPattern: difference)
    }

    /// 0 to 2^31 - 1.
    mutating func small(_ value: inout Int) throws(Malformed) {
        var number = UInt64(clamping: value)
        try self.number(&number)
        guard number <= UInt64(Int32.max) else { throw Malformed() }
        value = Int(number)
    }

    mutating func flag(_ value: inout Bool) throws(Malformed) {
        guard isReading else { return written.append(value ? 1 : 0) }
        let byte = try readByte()
        guard byte <= 1 else { throw Malformed() }
        value = byte == 1
    }

    /// Any bits, those of no number included.
    mutating func real(_ value: inout Double) throws(Malformed) {
        guard isReading else {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { written.append(contentsOf: $0) }
            return
        }
        guard rest.count >= 8 else { throw Malformed() }
        let bits = rest.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        rest = rest.dropFirst(8)
        value = Double(bitPattern: bits)
    }

    mutating func text(_ value: inout String) throws(Malformed) {
        guard isReading else {
            var index = UInt64(numbersOfTexts[value] ?? texts.count)
            try number(&index)
            guard index == UInt64(texts.count) else { return }
            var length = UInt64(value.utf8.count)
            try number(&length)
            written += value.utf8
            remember(value)
            return
        }
        var index: UInt64 = 0
        try number(&index)
        guard index >= UInt64(texts.count) else {
            value = texts[Int(index)]
            return
        }
        var length: UInt64 = 0
        try number(&length)
        guard index == UInt64(texts.count), length <= UInt64(rest.count),
            let text = String(validating: rest.prefix(Int(length)), as: UTF8.self)
        else { throw Malformed() }
        rest = rest.dropFirst(Int(length))
        value = text
        remember(text)
    }

    private mutating func remember(_ text: String) {
        numbersOfTexts[text] = texts.count
        texts.append(text)
    }

    mutating func bytes(_ value: inout [UInt8]) throws(Malformed) {
        var length = UInt64(value.count)
        try number(&length)
        guard isReading else {
            written += value
            return
        }
        guard length <= UInt64(rest.count) else { throw Malformed() }
        value = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
    }

    /// - Parameter blank: what is filled in where there is a value.
    mutating func optional<Value>(
        _ value: inout Value?, blank: @autoclosure () -> Value,
        _ code: (inout Self, inout Value) throws(Malformed) -> Void
    ) throws(Malformed) {
        var isThere = value != nil
        try flag(&isThere)
        guard isThere else { return value = nil }
        var inner = value ?? blank()
        try code(&self, &inner)
        value = inner
    }

    /// - Parameters:
    ///   - blank: what each element is filled into. Each takes a byte at least.
    mutating func list<Element>(
        _ values: inout [Element], blank: @autoclosure () -> Element,
        _ code: (inout Self, inout Element) throws(Malformed) -> Void
    ) throws(Malformed) {
        var count = UInt64(values.count)
        try number(&count)
        guard isReading else {
            for index in values.indices { try code(&self, &values[index]) }
            return
        }
        guard count <= UInt64(rest.count) else { throw Malformed() }
        values = []
        for _ in 0..<count {
            var element = blank()
            try code(&self, &element)
            values.append(element)
        }
    }

    mutating func texts(_ values: inout [String]) throws(Malformed) {
        try list(&values, blank: "") { (coder, text) throws(Malformed) in try coder.text(&text) }
    }

    mutating func amounts(_ values: inout [String: UInt64]) throws(Malformed) {
        var pairs = values.sorted { $0.key < $1.key }.map { (name: $0.key, amount: $0.value) }
        try list(&pairs, blank: ("", 0)) { (coder, pair) throws(Malformed) in
            try coder.text(&pair.name)
            try coder.number(&pair.amount)
        }
        if isReading { values = Dictionary(pairs.map { ($0.name, $0.amount) }) { $1 } }
    }

    mutating func attributes(_ values: inout [String: String]) throws(Malformed) {
        var pairs = values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        try list(&pairs, blank: ("", "")) { (coder, pair) throws(Malformed) in
            try coder.text(&pair.name)
            try coder.text(&pair.value)
        }
        if isReading { values = Dictionary(pairs.map { ($0.name, $0.value) }) { $1 } }
    }

    /// A value by its name.
    mutating func named<Value: RawRepresentable<String>>(_ value: inout Value) throws(Malformed) {
        var name = value.rawValue
        try text(&name)
        guard let found = Value(rawValue: name) else { throw Malformed() }
        value = found
    }
}
