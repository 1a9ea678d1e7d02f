internal import CLibbpf
internal import Glibc

/// The reading end of a ring buffer map.
@safe package struct RingBuffer: ~Copyable {
    private let handle: OpaquePointer
    private let sink: Sink

    /// The callback's context: libbpf keeps a pointer to it for as long as the ring lives.
    @safe private final class Sink {
        /// True to stop after the record.
        var receive: ((UnsafeRawBufferPointer) -> Bool)?
        /// Records that have been taken.
        var taken = 0
    }

    package init(map: Map) throws(BPFError) {
        let sink = Sink()
        let context = unsafe Unmanaged.passUnretained(sink).toOpaque()
        let handle = unsafe ring_buffer__new(
            map.descriptor,
            { context, data, size in
                guard let context = unsafe context else { return 0 }
                let sink = unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                let isOver = unsafe sink.receive?(UnsafeRawBufferPointer(start: data, count: size)) ?? true
                sink.taken += 1
                // The record is taken all the same, and the library stops.
                return isOver ? -ECANCELED : 0
            }, context, nil)
        guard let handle = unsafe handle else {
            throw BPFError(operation: "open the ring buffer \(map.name)", code: errno, log: MessageLog.take())
        }
        unsafe self.handle = handle
        self.sink = sink
    }

    deinit {
        unsafe ring_buffer__free(handle)
    }

    /// Passes the records that are there to `receive`, without waiting, and frees their places. Returns their number.
    /// The bytes are valid only during the call.
    ///
    /// - Parameter isOver: asked after every record; true leaves the others for the next call. Without it, a program that adds
    ///   records faster than they are taken could keep this from ever returning.
    @discardableResult
    package func consume(
        isOver: () -> Bool = { false }, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(BPFError) -> Int {
        sink.taken = 0
        let count = unsafe withoutActuallyEscaping(receive) { receive in
            withoutActuallyEscaping(isOver) { isOver in
                unsafe sink.receive = { record in
                    unsafe receive(record)
                    return isOver()
                }
                defer { unsafe sink.receive = nil }
                return unsafe ring_buffer__consume(handle)
            }
        }
        if count != -ECANCELED { try check(count, "read a ring buffer") }
        return sink.taken
    }
}
