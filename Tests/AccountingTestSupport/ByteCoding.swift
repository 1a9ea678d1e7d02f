/// Appends numbers in LEB128 (seven bits a byte, lowest first) and texts with their length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func count(_ value: Int) { number(UInt64(value)) }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func text(_ value: String) {
        count(value.utf8.count)
        bytes += value.utf8
    }

    mutating func list<Element>(_ values: some Collection<Element>, _ write: (inout Self, Element) -> Void) {
        count(values.count)
        for value in values { write(&self, value) }
    }
}

/// Reads what a ``ByteWriter`` wrote. Throws at anything else, and never allocates more than the input can hold.
struct ByteReader {
    struct Malformed: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Malformed() }
        return byte
    }

    mutating func number() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            let part = UInt64(byte & 0x7F)
            guard shift < 63 || part <= 1 else { throw Malformed() }
            value |= part << shift
            if byte & 0x80 == 0 { return value }
        }
        throw Malformed()
    }

    /// A number of elements of which each takes at least `size` bytes.
    mutating func count(size: Int = 1) throws(Malformed) -> Int {
        let value = try number()
        guard value <= UInt64(rest.count / size) else { throw Malformed() }
        return Int(value)
    }

    mutating func flag() throws(Malformed) -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw Malformed() }
        return byte == 1
    }

    mutating func text() throws(Malformed) -> String {
        let length = try count()
        defer { rest = rest.dropFirst(length) }
        guard let text = String(validating: rest.prefix(length), as: UTF8.self) else { throw Malformed() }
        return text
    }

    mutating func bytes(_ length: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard length >= 0, length <= rest.count else { throw Malformed() }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }

    mutating func list<Element>(
        size: Int = 1, _ read: (inout Self) throws(Malformed) -> Element
    ) throws(Malformed) -> [Element] {
        let length = try count(size: size)
        var elements: [Element] = []
        elements.reserveCapacity(length)
        for _ in 0..<length { elements.append(try read(&self)) }
        return elements
    }
}
