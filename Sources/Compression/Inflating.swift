internal import CZlib

/// Why a stream of DEFLATE cannot be unpacked.
package enum InflateFailure: Error {
    /// No such stream, or cut off.
    case damaged
    case tooLarge
    /// Compressed in another way.
    case unknownCoding
}

/// Unpacks one stream of DEFLATE, RFC 1951, without a frame.
///
/// - Parameters:
///   - start: where the stream begins in `bytes`.
///   - limit: most bytes that may come out.
/// - Returns: what comes out, and where the first byte after the stream is.
func inflated(
    _ bytes: [UInt8], from start: Int, limit: Int
) throws(InflateFailure) -> (output: [UInt8], end: Int) {
    guard start < bytes.count else { throw .damaged }
    // zlib keeps the address of its state and refuses a state that has moved, so it cannot be a variable.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard energyd_inflate_init_raw(stream) == Z_OK else { throw .damaged }
    defer { inflateEnd(stream) }
    var output: [UInt8] = []
    let unread = try bytes.withUnsafeBufferPointer { input throws(InflateFailure) in
        // Never nil: it has a byte at least. zlib only reads what it points to.
        guard let first = input.baseAddress else { throw .damaged }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: first + start)
        stream.pointee.avail_in = UInt32(input.count - start)
        while true {
            var code = Z_OK
            // One byte more than may come out shows that there are too many.
            let room = min(1 << 16, limit + 1 - output.count)
            output += [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(room)
                code = inflate(stream, Z_NO_FLUSH)
                count = room - Int(stream.pointee.avail_out)
            }
            guard output.count <= limit else { throw .tooLarge }
            if code == Z_STREAM_END { return Int(stream.pointee.avail_in) }
            // Without more input or room nothing comes of another call.
            guard code == Z_OK, stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 else { throw .damaged }
        }
    }
    return (output, bytes.count - unread)
}
