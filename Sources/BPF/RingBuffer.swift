internal import CLibbpf
internal import Glibc

/// The reading end of a ring buffer map.
@safe package struct RingBuffer: ~Copyable {
    private let handle: OpaquePointer
    private let sink: Sink

    /// The callback's context: libbpf keeps a pointer to it for as long as the ring lives.
    @safe private final class Sink {
        var receive: ((UnsafeRawBufferPointer) -> Void)?
        /// Records that may still be taken, and have been.
        var left = 0
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
                unsafe sink.receive?(UnsafeRawBufferPointer(start: data, count: size))
                sink.taken += 1
                sink.left -= 1
                // The record is taken all the same, and the library stops.
                return sink.left > 0 ? 0 : -ECANCELED
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
    /// - Parameter limit: at least 1; the others stay for the next call. Without it, whoever adds records faster than
    ///   they are taken could keep this from ever returning.
    @discardableResult
    package func consume(
        atMost limit: Int = .max, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(BPFError) -> Int {
        (sink.left, sink.taken) = (limit, 0)
        let count = unsafe withoutActuallyEscaping(receive) { receive in
            unsafe sink.receive = receive
            defer { unsafe sink.receive = nil }
            return unsafe ring_buffer__consume(handle)
        }
        if count != -ECANCELED { try check(count, "read a ring buffer") }
        return sink.taken
    }
}
