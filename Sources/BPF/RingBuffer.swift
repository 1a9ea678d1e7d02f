internal import CLibbpf
internal import Glibc

/// The reading end of a ring buffer map.
@safe package struct RingBuffer: ~Copyable {
    private let handle: OpaquePointer
    private let sink: Sink

    /// The callback's context: libbpf keeps a pointer to it for as long as the ring lives.
    @safe private final class Sink {
        var receive: ((UnsafeRawBufferPointer) -> Void)?
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
                return 0
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

    /// Passes every record that is there to `receive`, without waiting, and frees its place. Returns their number.
    /// The bytes are valid only during the call.
    @discardableResult
    package func consume(_ receive: (UnsafeRawBufferPointer) -> Void) throws(BPFError) -> Int {
        let count = unsafe withoutActuallyEscaping(receive) { receive in
            unsafe sink.receive = receive
            defer { unsafe sink.receive = nil }
            return unsafe ring_buffer__consume(handle)
        }
        return Int(try check(count, "read a ring buffer"))
    }
}
