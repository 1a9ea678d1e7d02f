/// The shortest decimal number that reads back as a given double, and of those the nearest: what
/// `Double.description` prints, without a string.
///
/// Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020), as in Java and Drachennest.
struct ShortestDecimal {
    /// Without zeros at the end; at most 17 digits.
    let digits: UInt64
    /// The value is `digits` * 10^`exponent`.
    let exponent: Int

    /// nil for what is not a finite number above zero, or not within about 1e-38...1e70, where the table ends.
    init?(_ value: Double) {
        let bits = value.bitPattern
        let fraction = bits & (1 << 52 - 1)
        let biased = Int(bits >> 52)
        // A negative number has a larger one.
        guard biased > 0, biased < 2047 else { return nil }
        let significand = 1 << 52 | fraction
        let q = biased - 1075
        if q <= 0, q > -53, significand & (1 << UInt64(-q) - 1) == 0 {
            self.init(stripping: significand >> UInt64(-q), exponent: 0)
            return
        }
        guard (-180...180).contains(q) else { return nil }
        // Below a power of two the next double is only half as far away.
        let isPower = fraction == 0 && biased > 1
        let k = (q * 1_262_611 - (isPower ? 524_031 : 0)) >> 22
        let shift = UInt64(q + ((-k * 1_741_647) >> 19) + 1)
        let power = Self.powers[-k + Self.limit]
        let below = Self.product(power, (4 * significand - 2 + (isPower ? 1 : 0)) << shift)
        let exact = Self.product(power, (4 * significand) << shift)
        let above = Self.product(power, (4 * significand + 2) << shift)
        // An odd significand's bounds belong to its neighbours.
        let isOdd = significand & 1
        let (lower, upper) = (below + isOdd, above - isOdd)
        let floor = exact / 4
        let tens = floor / 10
        let isLowInside = lower <= 40 * tens
        if isLowInside != (40 * tens + 40 <= upper) {
            self.init(stripping: tens + (isLowInside ? 0 : 1), exponent: k + 1)
            return
        }
        let isFloorInside = lower <= 4 * floor
        if isFloorInside != (4 * floor + 4 <= upper) {
            self.init(stripping: floor + (isFloorInside ? 0 : 1), exponent: k)
            return
        }
        let middle = 4 * floor + 2
        let roundsUp = exact > middle || exact == middle && floor & 1 == 1
        self.init(stripping: floor + (roundsUp ? 1 : 0), exponent: k)
    }

    private init(stripping number: UInt64, exponent: Int) {
        var (digits, exponent) = (number, exponent)
        if digits % 100_000_000 == 0, digits > 0 {
            digits /= 100_000_000
            exponent += 8
        }
        while true {
            let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 || digits == 0 { break }
            digits = quotient
            exponent += 1
        }
        self.digits = digits
        self.exponent = exponent
    }

    /// The upper 64 bits of the 192 of `power` * `factor`, the lowest of them set where anything was cut off.
    private static func product(_ power: (high: UInt64, low: UInt64), _ factor: UInt64) -> UInt64 {
        let carry = power.low.multipliedFullWidth(by: factor).high
        let (high, low) = power.high.multipliedFullWidth(by: factor)
        let (middle, overflow) = low.addingReportingOverflow(carry)
        return (high + (overflow ? 1 : 0)) | (middle > 1 ? 1 : 0)
    }

    /// 5^55 is the last that has 128 bits.
    private static let limit = 55

    /// 10^-55...10^55 as 128 bits with the highest set, rounded up.
    private static let powers: [(high: UInt64, low: UInt64)] = (-limit...limit).map { exponent in
        let five = (0..<abs(exponent)).reduce(UInt128(1)) { power, _ in power * 5 }
        var bits = five << UInt128(five.leadingZeroBitCount)
        if exponent < 0 {
            let width = 128 - five.leadingZeroBitCount
            bits = five.dividingFullWidth((UInt128(1) << UInt128(width - 1), 0)).quotient + 1
        }
        return (UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits))
    }
}
