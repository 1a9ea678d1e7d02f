internal import CLibbpf
internal import Glibc

/// A map in the kernel, seen from user space.
package struct Map: Sendable {
    package let name: String
    let descriptor: Int32
    /// Entries; bytes for a ring buffer.
    package let capacity: Int
    /// Of one CPU in a per-CPU map, bytes.
    let valueSize: Int
    let isPerCPU: Bool

    /// Every CPU's value of `key` in a per-CPU map, by number of the CPU. One system call.
    ///
    /// `buffer` is reused between calls; `Value` must be a multiple of 8 bytes, as the kernel pads it to that.
    package func readPerCPU<Value: BitwiseCopyable>(key: UInt32, into buffer: inout [Value]) throws(BPFError) {
        precondition(MemoryLayout<Value>.stride % 8 == 0 && buffer.count == Machine.possibleCPUs)
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe buffer.withUnsafeMutableBytes { values in
                unsafe bpf_map_lookup_elem(descriptor, key.baseAddress, values.baseAddress)
            }
        }
        try check(result, "read the map \(name)")
        if let numbers = Machine.gappyCPUs { PossibleCPUs.spread(&buffer, over: numbers) }
    }

    /// Sets every CPU's value of `key` in a per-CPU map. Not while programs write to it.
    package func writePerCPU<Value: BitwiseCopyable>(key: UInt32, _ values: [Value]) throws(BPFError) {
        precondition(MemoryLayout<Value>.stride % 8 == 0 && values.count == Machine.possibleCPUs)
        let values = Machine.gappyCPUs.map { $0.map { values[$0] } } ?? values
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe values.withUnsafeBytes { unsafe bpf_map_update_elem(descriptor, key.baseAddress, $0.baseAddress, 0) }
        }
        try check(result, "write the map \(name)")
    }

    /// Sets the value of `key`.
    package func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ value: Value) throws(BPFError) {
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeBytes(of: value) {
                unsafe bpf_map_update_elem(descriptor, key.baseAddress, $0.baseAddress, 0)
            }
        }
        try check(result, "write the map \(name)")
    }

    /// Sets the value of `key` to zeros, on every CPU in a per-CPU map.
    package func clear<Key: BitwiseCopyable>(_ key: Key) throws(BPFError) {
        let length = isPerCPU ? (valueSize + 7) / 8 * 8 * Machine.possibleCPUs : valueSize
        let zeros = [UInt8](repeating: 0, count: length)
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe zeros.withUnsafeBytes { unsafe bpf_map_update_elem(descriptor, key.baseAddress, $0.baseAddress, 0) }
        }
        try check(result, "clear an entry of the map \(name)")
    }

    /// Puts `value` on top of a stack.
    package func push<Value: BitwiseCopyable>(_ value: Value) throws(BPFError) {
        let result = unsafe withUnsafeBytes(of: value) {
            unsafe bpf_map_update_elem(descriptor, nil, $0.baseAddress, 0)
        }
        try check(result, "push onto the map \(name)")
    }

    /// The value of `key` in a hash; nil where it is not there.
    package func value<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        of key: Key, as initial: Value
    ) throws(BPFError) -> Value? {
        var value = initial
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeMutableBytes(of: &value) {
                unsafe bpf_map_lookup_elem(descriptor, key.baseAddress, $0.baseAddress)
            }
        }
        if result == -ENOENT { return nil }
        try check(result, "read the map \(name)")
        return value
    }

    /// Every entry of a hash, in one system call where they fit. `BPF_MAP_LOOKUP_BATCH`
    ///
    /// - Parameters:
    ///   - keys: room for `capacity` keys; receives them.
    ///   - values: as many values.
    /// - Returns: the number of entries.
    package func readAll<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        keys: inout [Key], values: inout [Value]
    ) throws(BPFError) -> Int {
        precondition(keys.count >= capacity && values.count >= capacity)
        var count = UInt32(clamping: keys.count)
        var token: UInt32 = 0
        let result = unsafe keys.withUnsafeMutableBytes { keys in
            unsafe values.withUnsafeMutableBytes { values in
                unsafe bpf_map_lookup_batch(
                    descriptor, nil, &token, keys.baseAddress, values.baseAddress, &count, nil)
            }
        }
        // The kernel's code for the end of the map.
        if result != -ENOENT { try check(result, "read the map \(name)") }
        return Int(count)
    }

    /// Kernel memory that the map takes, bytes; nil where the kernel does not report it. `/proc/self/fdinfo`
    package var kernelBytes: UInt64? {
        guard let file = unsafe fopen("/proc/self/fdinfo/\(descriptor)", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while unsafe fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix("memlock:") else { continue }
            return UInt64(text.dropFirst("memlock:".count).filter(\.isNumber))
        }
        return nil
    }

    /// Removes `key`; true if it was there.
    @discardableResult
    package func remove<Key: BitwiseCopyable>(_ key: Key) throws(BPFError) -> Bool {
        let result = unsafe withUnsafeBytes(of: key) { unsafe bpf_map_delete_elem(descriptor, $0.baseAddress) }
        if result == -ENOENT { return false }
        try check(result, "remove an entry of the map \(name)")
        return true
    }
}

/// Facts about the machine that libbpf needs too.
package enum Machine {
    /// One more than the highest number that a CPU could ever have: the length of arrays by CPU.
    package static let possibleCPUs = (gappyCPUs?.last).map { $0 + 1 } ?? max(1, Int(libbpf_num_possible_cpus()))

    /// The kernel hands out per-CPU values without the gaps.
    static let gappyCPUs = PossibleCPUs.gappy()
}
