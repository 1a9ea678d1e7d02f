/// The place in a ``ByteSink`` at which the next byte is written. The sink has made sure of the room.
package struct ByteCursor {
    @usableFromInline package var next: UnsafeMutablePointer<UInt8>

    @inlinable
    init(next: UnsafeMutablePointer<UInt8>) {
        self.next = next
    }

    @inlinable @inline(__always)
    package mutating func append(_ byte: UInt8) {
        next.pointee = byte
        next += 1
    }

    @inlinable @inline(__always)
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { buffer in
            guard let source = buffer.baseAddress else { return }
            next.update(from: source, count: buffer.count)
            next += buffer.count
        }
    }

    /// UTF-8 as it is.
    @inlinable @inline(__always)
    package mutating func append(_ text: String) {
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { buffer in
            guard let source = buffer.baseAddress else { return }
            next.update(from: source, count: buffer.count)
            next += buffer.count
        }
        if isContiguous == nil { for byte in text.utf8 { append(byte) } }
    }

    /// Decimal digits, at most 20.
    @inlinable @inline(__always)
    package mutating func append(_ number: UInt64) {
        if number < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        let count = number.decimalDigits
        write(number, digits: count)
        next += count
    }

    package mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(number.magnitude)
    }

    /// A number of millionths as a decimal fraction with six places, without one where it is whole; at most 21 bytes.
    @inlinable
    package mutating func append(millionths number: UInt64) {
        let (whole, part) = number.quotientAndRemainder(dividingBy: 1_000_000)
        append(whole)
        guard part > 0 else { return }
        append(UInt8(ascii: "."))
        write(part, digits: 6)
        next += 6
    }

    /// The last `digits` decimal digits of `number`, with zeros before it; the cursor stays.
    @inlinable @inline(__always)
    package mutating func write(_ number: UInt64, digits: Int) {
        var rest = number
        var index = digits
        while index >= 2 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            let (tens, ones) = pair.quotientAndRemainder(dividingBy: 10)
            index -= 2
            next[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tens)
            next[index + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: ones)
            rest = quotient
        }
        if index == 1 { next[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) }
    }

    mutating func appendZeros(_ count: Int) {
        for _ in 0..<max(count, 0) { append(UInt8(ascii: "0")) }
    }
}

extension UInt64 {
    /// Number of decimal digits; 1 for 0.
    @inlinable package var decimalDigits: Int {
        // log10(2) as 1233 / 4096; off by one at most, which the comparison puts right.
        let guess = ((64 - (self | 1).leadingZeroBitCount) * 1233) >> 12
        return guess + (self >= Self.powersOfTen[guess] ? 1 : 0)
    }

    /// 10^0 ... 10^19; the first is 0, so that 0 has a digit.
    @usableFromInline static let powersOfTen: [UInt64] = {
        var powers: [UInt64] = [0]
        var power: UInt64 = 1
        for _ in 1...19 {
            power *= 10
            powers.append(power)
        }
        return powers
    }()
}
