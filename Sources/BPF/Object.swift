internal import CLibbpf
internal import Glibc

/// A compiled BPF object on its way into the kernel: opened, adjusted, loaded. Everything it loaded that is not
/// otherwise referenced goes away with it.
@safe package struct Object: ~Copyable {
    private let handle: OpaquePointer

    /// Reads the ELF image; nothing enters the kernel yet. `bpf_object__open_mem`
    package init(image: UnsafeRawBufferPointer, name: StaticString) throws(BPFError) {
        _ = MessageLog.isInstalled
        var options = unsafe bpf_object_open_opts()
        unsafe options.sz = MemoryLayout<bpf_object_open_opts>.size
        unsafe options.object_name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        guard let handle = unsafe bpf_object__open_mem(image.baseAddress, image.count, &options) else {
            throw BPFError(operation: "read the embedded kernel programs", code: errno, log: MessageLog.take())
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe bpf_object__close(handle)
    }

    /// Leaves a program out of the load, so that a kernel without its hook still takes the others.
    package func disable(_ program: String) throws(BPFError) {
        let handle = unsafe try find(program: program)
        try check(unsafe bpf_program__set_autoload(handle, false), "switch off the program \(program)")
    }

    /// Overrides the size of a map; for a ring buffer in bytes, a power of two and of pages.
    package func resize(_ map: String, to entries: Int) throws(BPFError) {
        let handle = unsafe try find(map: map)
        try check(unsafe bpf_map__set_max_entries(handle, UInt32(clamping: entries)), "resize the map \(map)")
    }

    /// Sets the size of a map's values; only for a map that was declared by sizes.
    package func setValueSize(of map: String, to bytes: Int) throws(BPFError) {
        let handle = unsafe try find(map: map)
        try check(
            unsafe bpf_map__set_value_size(handle, UInt32(clamping: bytes)), "set the value size of the map \(map)")
    }

    /// Takes over a map that another object created, with all it holds.
    package func reuse(_ map: Map) throws(BPFError) {
        let handle = unsafe try find(map: map.name)
        try check(unsafe bpf_map__reuse_fd(handle, map.descriptor), "take over the map \(map.name)")
    }

    /// Writes the object's read-only data, of which `value` must be the whole.
    package func setReadOnlyData<Value: BitwiseCopyable>(_ value: Value) throws(BPFError) {
        let map = unsafe try find(map: ".rodata")
        let result = unsafe withUnsafeBytes(of: value) { bytes in
            unsafe bpf_map__set_initial_value(map, bytes.baseAddress, bytes.count)
        }
        try check(result, "write the programs' settings")
    }

    /// Loads everything into the kernel. The error includes the verifier's log.
    package func load() throws(BPFError) {
        _ = MessageLog.take()
        // The kernel's type information, megabytes of it, is freed again by now: give it back.
        defer { _ = malloc_trim(0) }
        try check(unsafe bpf_object__load(handle), "load the kernel programs")
    }

    /// Attaches a loaded program to the hook that its section names.
    package func attach(_ program: String) throws(BPFError) -> Link {
        let handle = unsafe try find(program: program)
        guard let link = unsafe bpf_program__attach(handle) else {
            throw BPFError(operation: "attach the program \(program)", code: errno, log: MessageLog.take())
        }
        return unsafe Link(handle: link)
    }

    /// A loaded program, to be run on demand; valid as long as the object.
    package func program(_ name: String) throws(BPFError) -> Program {
        let handle = unsafe try find(program: name)
        return Program(name: name, descriptor: try check(unsafe bpf_program__fd(handle), "use the program \(name)"))
    }

    /// A created map; valid as long as the object.
    package func map(_ name: String) throws(BPFError) -> Map {
        let map = unsafe try find(map: name)
        let descriptor = try check(unsafe bpf_map__fd(map), "use the map \(name)")
        let type = unsafe bpf_map__type(map)
        return Map(
            name: name, descriptor: descriptor, capacity: Int(unsafe bpf_map__max_entries(map)),
            valueSize: Int(unsafe bpf_map__value_size(map)),
            isPerCPU: type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH)
    }

    private func find(program name: String) throws(BPFError) -> OpaquePointer {
        guard let program = unsafe bpf_object__find_program_by_name(handle, name) else {
            throw BPFError(operation: "find the program \(name)", code: ENOENT)
        }
        return unsafe program
    }

    private func find(map name: String) throws(BPFError) -> OpaquePointer {
        // libbpf prefixes the maps it makes itself with the object's name, but finds them by either.
        guard let map = unsafe bpf_object__find_map_by_name(handle, name) else {
            throw BPFError(operation: "find the map \(name)", code: ENOENT)
        }
        return unsafe map
    }
}

/// A program attached to its hook; detached when it goes.
@safe package struct Link: ~Copyable {
    private let handle: OpaquePointer

    fileprivate init(handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        _ = unsafe bpf_link__destroy(handle)
    }
}
