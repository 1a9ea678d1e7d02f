internal import Accounting
internal import Units

/// What a ``ByteWriter`` wrote; nil where there is something else.
struct ByteReader {
    private(set) var bytes: ArraySlice<UInt8>

    mutating func number() -> UInt64? {
        guard bytes.count >= 8 else { return nil }
        let number = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        bytes = bytes.dropFirst(8)
        return number
    }

    /// The next bytes, which are then done.
    mutating func part(_ length: UInt64) -> ArraySlice<UInt8>? {
        guard length <= UInt64(bytes.count) else { return nil }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return bytes.prefix(Int(length))
    }

    /// How many things follow: each has at least eight bytes.
    mutating func count() -> Int? {
        guard let number = number(), number <= UInt64(bytes.count / 8) else { return nil }
        return Int(number)
    }

    mutating func text() -> String? {
        guard let length = number(), let part = part(length) else { return nil }
        return String(validating: part, as: UTF8.self)
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

    /// Any numbers, those that are none included.
    mutating func reals() -> [Double]? {
        guard let count = count() else { return nil }
        let numbers = (0..<count).compactMap { _ in number().map(Double.init(bitPattern:)) }
        return numbers.count == count ? numbers : nil
    }

    /// - Parameter version: of the file.
    mutating func totals(_ version: UInt64) -> Totals? {
        guard let time = number(), let switches = number(), let grams = number().map(Double.init(bitPattern:)),
            grams.isFinite, grams >= 0, let dynamic = amounts(), let staticEnergy = amounts(),
            [time, switches].allSatisfy(Self.leavesRoom)
        else { return nil }
        var since = 0.0
        if version > 5 {
            guard let number = number().map(Double.init(bitPattern:)), number >= 0, number < 1e11 else { return nil }
            since = number
        }
        return Totals(
            cpuNanoseconds: time, switches: switches, dynamicEnergy: dynamic, staticEnergy: staticEnergy,
            emissions: Grams(grams), since: since)
    }

    mutating func counters() -> UsageCounters? { amounts().flatMap(UsageCounters.init(values:)) }

    mutating func namedAmounts() -> [String: UInt64]? {
        guard let count = count() else { return nil }
        var amounts: [String: UInt64] = [:]
        for _ in 0..<count {
            guard let name = text(), let amount = number(), Self.leavesRoom(amount) else { return nil }
            amounts[name] = amount
        }
        return amounts
    }

    private mutating func amounts() -> [UInt64]? {
        guard let count = count() else { return nil }
        let amounts = (0..<count).compactMap { _ in number() }
        return amounts.count == count && amounts.allSatisfy(Self.leavesRoom) ? amounts : nil
    }

    /// There must be room to continue counting.
    private static func leavesRoom(_ amount: UInt64) -> Bool { amount < 1 << 62 }
}
