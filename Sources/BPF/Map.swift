internal import CLibbpf
internal import Glibc

/// A map in the kernel, seen from user space.
package struct Map: Sendable {
    package let name: String
    let descriptor: Int32
    /// Entries; bytes for a ring buffer.
    package let capacity: Int

    /// Every CPU's value of `key` in a per-CPU map, one element per possible CPU. One system call.
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
    /// CPUs that could ever be online: the length of every per-CPU value.
    package static let possibleCPUs = max(1, Int(libbpf_num_possible_cpus()))
}
