/// Text under construction, in one buffer that is handed on whenever it is full: a document of megabytes takes no
/// more memory than the buffer, and no allocation once the buffer is there.
///
/// A class around raw memory, because this is where the time of a scrape goes: an array would check its bounds, its
/// uniqueness and its growth for every byte, and a class's own variables the exclusivity of every access. All writing
/// goes through ``ByteCursor``; this and ``ByteCursor`` are the only places that see a pointer.
package final class ByteSink {
    /// Where the buffer is, where the next byte goes, and where it ends.
    @usableFromInline
    struct Room {
        @usableFromInline var base: UnsafeMutablePointer<UInt8>
        @usableFromInline var next: UnsafeMutablePointer<UInt8>
        @usableFromInline var end: UnsafeMutablePointer<UInt8>

        init(_ capacity: Int) {
            base = .allocate(capacity: capacity)
            next = base
            end = base + capacity
        }
    }

    @usableFromInline let room: UnsafeMutablePointer<Room>
    private let write: (UnsafeRawBufferPointer) -> Void

    /// - Parameters:
    ///   - capacity: of the buffer, bytes; it grows where a single piece is larger.
    ///   - write: takes the bytes over; they are valid until it returns.
    package init(capacity: Int = 64 << 10, write: @escaping (UnsafeRawBufferPointer) -> Void) {
        room = .allocate(capacity: 1)
        room.initialize(to: Room(max(capacity, 64)))
        self.write = write
    }

    deinit {
        room.pointee.base.deallocate()
        room.deinitialize(count: 1)
        room.deallocate()
    }

    /// Appends what `body` writes, which must be at most `size` bytes. Amortised constant time beside that.
    @inlinable @inline(__always)
    package func append(upTo size: Int, _ body: (inout ByteCursor) -> Void) {
        if room.pointee.end - room.pointee.next < size { makeRoom(size) }
        var cursor = ByteCursor(next: room.pointee.next)
        body(&cursor)
        assert(cursor.next <= room.pointee.end, "a piece was larger than was said")
        room.pointee.next = cursor.next
    }

    /// Appends UTF-8 as it is.
    package func append(_ text: String) {
        append(upTo: text.utf8.count) { $0.append(text) }
    }

    /// Hands on what is left.
    package func flush() {
        let (base, count) = (room.pointee.base, room.pointee.next - room.pointee.base)
        guard count > 0 else { return }
        write(UnsafeRawBufferPointer(start: base, count: count))
        room.pointee.next = base
    }

    @usableFromInline @inline(never)
    func makeRoom(_ size: Int) {
        flush()
        guard size > room.pointee.end - room.pointee.base else { return }
        room.pointee.base.deallocate()
        room.pointee = Room(size)
    }
}

extension ByteSink {
    /// Everything that `body` appends, as one array.
    package static func collect(_ body: (ByteSink) throws -> Void) rethrows -> [UInt8] {
        var bytes: [UInt8] = []
        let sink = ByteSink { bytes.append(contentsOf: $0) }
        try body(sink)
        sink.flush()
        return bytes
    }
}
