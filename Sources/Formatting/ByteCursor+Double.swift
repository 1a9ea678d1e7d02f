extension ByteCursor {
    /// Most bytes that a double takes.
    package static let longestDouble = 32

    /// The shortest text that reads back as `value`, as `Double.description` has it: `1.0`, `0.1`, `1e-05`, `nan`.
    package mutating func append(_ value: Double) {
        append(value, wholeSuffix: true)
    }

    /// The same without `.0` at the end of a whole number, as JSON has it.
    package mutating func append(json value: Double) {
        append(value, wholeSuffix: false)
    }

    @inline(__always)
    private mutating func append(_ value: Double, wholeSuffix: Bool) {
        guard let decimal = ShortestDecimal(value.magnitude) else { return appendRare(value, wholeSuffix: wholeSuffix) }
        if value < 0 { append(UInt8(ascii: "-")) }
        let count = decimal.digits.decimalDigits
        // Digits before the point.
        let point = count + decimal.exponent
        if point < -3 || value.magnitude > 0x1p53 {
            append(exponential: decimal, count: count)
        } else if point <= 0 {
            append(UInt8(ascii: "0"))
            append(UInt8(ascii: "."))
            appendZeros(-point)
            write(decimal.digits, digits: count)
            next += count
        } else if decimal.exponent >= 0 {
            write(decimal.digits, digits: count)
            next += count
            appendZeros(decimal.exponent)
            if wholeSuffix {
                append(UInt8(ascii: "."))
                append(UInt8(ascii: "0"))
            }
        } else {
            let (whole, part) = decimal.digits.quotientAndRemainder(dividingBy: .powersOfTen[-decimal.exponent])
            append(whole)
            append(UInt8(ascii: "."))
            write(part, digits: -decimal.exponent)
            next -= decimal.exponent
        }
    }

    private mutating func append(exponential decimal: ShortestDecimal, count: Int) {
        if count == 1 {
            append(decimal.digits)
        } else {
            let (first, rest) = decimal.digits.quotientAndRemainder(dividingBy: .powersOfTen[count - 1])
            append(first)
            append(UInt8(ascii: "."))
            write(rest, digits: count - 1)
            next += count - 1
        }
        let exponent = decimal.exponent + count - 1
        append(UInt8(ascii: "e"))
        append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        if abs(exponent) < 10 { append(UInt8(ascii: "0")) }
        append(UInt64(abs(exponent)))
    }

    /// Zero, what is no number, and what lies beyond the table of powers.
    private mutating func appendRare(_ value: Double, wholeSuffix: Bool) {
        var text = "\(value)"
        if !wholeSuffix, text.hasSuffix(".0") { text.removeLast(2) }
        append(text)
    }
}
