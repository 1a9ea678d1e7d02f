/// Writes messages of Protocol Buffers, field by field: https://protobuf.dev/programming-guides/encoding/
///
/// Only what OTLP needs. Values that are the default of proto3 are written where the caller does not leave them out.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    var isEmpty: Bool { bytes.isEmpty }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    package mutating func varint(_ field: Int, _ value: UInt64) {
        key(field, 0)
        varint(value)
    }

    package mutating func fixed64(_ field: Int, _ value: UInt64) {
        key(field, 1)
        append(value)
    }

    package mutating func double(_ field: Int, _ value: Double) { fixed64(field, value.bitPattern) }

    package mutating func string(_ field: Int, _ value: String) {
        key(field, 2)
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func message(_ field: Int, _ content: [UInt8]) {
        key(field, 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Fields that are written already.
    package mutating func raw(_ fields: ArraySlice<UInt8>) { bytes += fields }

    package mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        message(field, inner.bytes)
    }

    /// A packed list of fixed64 or double.
    package mutating func packed(_ field: Int, _ values: [UInt64]) {
        key(field, 2)
        varint(UInt64(8 * values.count))
        for value in values { append(value) }
    }

    private mutating func key(_ field: Int, _ type: UInt64) { varint(UInt64(field) << 3 | type) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
