internal import CZlib

/// Compresses what it is given, piece by piece, as gzip (RFC 1952).
package final class GzipWriter {
    /// At one place: zlib points back to it.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)
    private let write: (UnsafeRawBufferPointer) -> Void

    /// - Parameters:
    ///   - level: 1 is fast, 9 thorough.
    ///   - write: takes the compressed bytes over; they are valid until it returns.
    package init(level: Int32 = 3, write: @escaping (UnsafeRawBufferPointer) -> Void) {
        self.write = write
        stream.initialize(to: z_stream())
        // Fails only where there is no memory, or for a level that does not exist.
        precondition(energyd_deflate_init_gzip(stream, level) == Z_OK, "zlib has no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        // zlib only reads what it points to.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        run(Z_NO_FLUSH)
    }

    /// Ends the document; nothing can be added after it.
    package func finish() {
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        run(Z_FINISH)
    }

    private func run(_ flush: Int32) {
        var code = Z_OK
        repeat {
            buffer.withUnsafeMutableBytes { room in
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(room.count)
                code = deflate(stream, flush)
                let count = room.count - Int(stream.pointee.avail_out)
                if count > 0 { write(UnsafeRawBufferPointer(rebasing: room[..<count])) }
            }
        } while code == Z_OK && (stream.pointee.avail_out == 0 || flush == Z_FINISH)
    }
}

/// The same of a whole body.
package func gzipped(_ body: [UInt8], level: Int32 = 3) -> [UInt8] {
    var output: [UInt8] = []
    let writer = GzipWriter(level: level) { output += $0 }
    body.withUnsafeBytes { writer.append($0) }
    writer.finish()
    return output
}
