internal import Accounting
internal import Units

/// Numbers and texts one after the other.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    /// Drops the content and keeps its storage.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func write(raw: [UInt8]) {
        bytes.append(contentsOf: raw)
    }

    /// - Parameter offset: of a number that was written.
    mutating func overwrite(_ number: UInt64, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: UInt64.self) }
    }

    mutating func write(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ text: String) {
        write(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ texts: [String]) {
        write(UInt64(texts.count))
        for text in texts { write(text) }
    }

    /// Trailing zeros are left out.
    mutating func write(_ numbers: [UInt64]) {
        let kept = numbers[..<((numbers.lastIndex { $0 != 0 } ?? -1) + 1)]
        write(UInt64(kept.count))
        for number in kept { write(number) }
    }

    mutating func write(_ amounts: [String: UInt64]) {
        write(UInt64(amounts.count))
        for (name, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            write(name)
            write(amount)
        }
    }

    mutating func write(_ account: Account) {
        write(account.cpuNanoseconds)
        write(account.switches)
        write(account.emissions.value.bitPattern)
        for amounts in [account.dynamic, account.fixed] {
            write(UInt64(amounts.count))
            for amount in amounts { write(amount) }
        }
    }
}

/// What a ``ByteWriter`` wrote; nil where there is something else.
struct ByteReader {
    private(set) var bytes: ArraySlice<UInt8>

    mutating func number() -> UInt64? {
        guard bytes.count >= 8 else { return nil }
        let number = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(8)
        return number
    }

    /// How many things follow: each has at least eight bytes.
    mutating func count() -> Int? {
        guard let number = number(), number <= UInt64(bytes.count / 8) else { return nil }
        return Int(number)
    }

    mutating func text() -> String? {
        guard let length = number(), length <= UInt64(bytes.count) else { return nil }
        let text = String(validating: bytes.prefix(Int(length)), as: UTF8.self)
        bytes = bytes.dropFirst(Int(length))
        return text
    }

    mutating func texts() -> [String]? {
        guard let count = self.count() else { return nil }
        var texts: [String] = []
        for _ in 0..<count {
            guard let next = text() else { return nil }
            texts.append(next)
        }
        return texts
    }

    mutating func account() -> Account? {
        var account = Account()
        guard let time = number(), let switches = number(), let grams = number().map(Double.init(bitPattern:)),
            grams.isFinite, grams >= 0, let dynamic = amounts(), let fixed = amounts(),
            [time, switches].allSatisfy(Self.hasRoom)
        else { return nil }
        account.cpuNanoseconds = time
        account.switches = switches
        account.emissions = Grams(grams)
        account.dynamic = dynamic
        account.fixed = fixed
        return account
    }

    mutating func counters() -> UsageCounters? { amounts().flatMap(UsageCounters.init(values:)) }

    mutating func namedAmounts() -> [String: UInt64]? {
        guard let count = count() else { return nil }
        var amounts: [String: UInt64] = [:]
        for _ in 0..<count {
            guard let name = text(), let amount = number(), Self.hasRoom(amount) else { return nil }
            amounts[name] = amount
        }
        return amounts
    }

    private mutating func amounts() -> [UInt64]? {
        guard let count = count() else { return nil }
        let amounts = (0..<count).compactMap { _ in number() }
        return amounts.count == count && amounts.allSatisfy(Self.hasRoom) ? amounts : nil
    }

    /// There must be room to go on counting.
    private static func hasRoom(_ amount: UInt64) -> Bool { amount < 1 << 62 }
}

/// A checksum against damage, not against malice: FNV-1a (Fowler, Noll and Vo) over words of 64 bits, the last of which
/// is filled up with zeros, then over the length.
func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
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
