internal import Accounting
internal import Units

/// Numbers and texts one after the other: numbers of 64 bits, little-endian; texts and lists after their length.
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
        write(count: 1) { _ in number }
    }

    /// Writes `count` numbers. Many at once take a fraction of the time of one after the other.
    private mutating func write(count: Int, _ number: (Int) -> UInt64) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 8 * count))
        bytes.withUnsafeMutableBytes { bytes in
            for index in 0..<count {
                bytes.storeBytes(of: number(index).littleEndian, toByteOffset: start + 8 * index, as: UInt64.self)
            }
        }
    }

    mutating func write(_ text: String) {
        write(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ texts: [String]) {
        write(UInt64(texts.count))
        for text in texts { write(text) }
    }

    mutating func write(_ amounts: [String: UInt64]) {
        write(UInt64(amounts.count))
        guard !amounts.isEmpty else { return }
        for (name, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            write(name)
            write(amount)
        }
    }

    mutating func write(_ numbers: [Double]) {
        write(UInt64(numbers.count))
        write(count: numbers.count) { numbers[$0].bitPattern }
    }

    mutating func write(_ totals: Totals) {
        write(totals.cpuNanoseconds)
        write(totals.switches)
        write(totals.emissions.value.bitPattern)
        let zones = totals.zoneCount
        write(UInt64(zones))
        write(count: zones, totals.dynamicEnergy)
        write(UInt64(zones))
        write(count: zones, totals.staticEnergy)
        write(totals.since.bitPattern)
    }

    /// Trailing zeros are left out.
    mutating func write(_ counters: UsageCounters) {
        let numbers = counters.numbers
        var count = numbers.count
        while count > 0, numbers[count - 1] == 0 { count -= 1 }
        write(UInt64(count))
        write(count: count) { numbers[$0] }
    }
}
