/// Reads the fields of a message of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/
///
/// Never fails: it ends early where the bytes are no message.
struct ProtobufReader {
    struct Field {
        let number: UInt64
        let value: Value
        /// Of the field, with its key.
        let raw: ArraySlice<UInt8>
    }

    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var bytes: ArraySlice<UInt8>
    /// True once something was not a field.
    private(set) var isDamaged = false

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// nil at the end, and where something is not a field.
    mutating func next() -> Field? {
        guard !bytes.isEmpty else { return nil }
        let start = bytes
        guard let key = varint(), let value = value(key & 7) else {
            isDamaged = true
            return nil
        }
        return Field(number: key >> 3, value: value, raw: start[..<bytes.startIndex])
    }

    private mutating func value(_ type: UInt64) -> Value? {
        switch type {
        case 0: varint().map { .number($0) }
        case 1: part(8).map { .bytes($0) }
        case 2: varint().flatMap { part($0) }.map { .bytes($0) }
        case 5: part(4).map { .bytes($0) }
        default: nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func part(_ length: UInt64) -> ArraySlice<UInt8>? {
        guard length <= UInt64(bytes.count) else { return nil }
        let part = bytes.prefix(Int(length))
        bytes = bytes.dropFirst(Int(length))
        return part
    }
}
