/// A checksum against damage, not against malice: FNV-1a (Fowler, Noll and Vo) over words of 64 bits, the last of which
/// is filled up with zeros, then over the length.
package func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x100_0000_01b3
        // The high bits of a word reach no others by multiplication alone.
        return product ^ (product >> 29)
    }
    return bytes.withUnsafeBytes { buffer in
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let whole = buffer.count / 8 * 8
        for offset in stride(from: 0, to: whole, by: 8) {
            hash = mix(hash, UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        let rest = buffer[whole...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return mix(mix(hash, rest), UInt64(buffer.count))
    }
}
