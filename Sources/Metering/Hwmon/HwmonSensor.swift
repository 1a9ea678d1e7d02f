package import Attribution
internal import Linux

/// A sensor of `/sys/class/hwmon` whose place in the machine is known.
package struct HwmonSensor: Sendable, Equatable {
    package enum Quantity: Sendable, Equatable {
        /// A counter in uJ.
        case energy
        /// A power in uW.
        case power
        /// A current in mA, and the file of the voltage in mV: a chip that leaves the multiplication to its reader.
        case current(voltage: String)
    }

    package let zone: ZoneID
    /// Those of a zone with the same rank add up; a higher rank measures a part of it, or the same again.
    package let rank: Int
    package let path: String
    /// Read where `path`, an average, has no reading; nil where there is no momentary value beside it.
    package let fallback: String?
    package let quantity: Quantity
    /// Of a power, the time over which the driver averages or renews it, s.
    package let interval: Double
    /// `power_meter power1 (Grace Power Socket 0)`
    package let title: String

    /// What drivers report when they have no reading: the highest 32-bit number, in uW; ACPI's in mW.
    private static let sentinels: [Int64] = [4_294_967_295, 4_294_967_295_000]

    init(_ channel: HwmonChip.Channel, zone: ZoneID, rank: Int, title: String) {
        (self.zone, self.rank, self.title) = (zone, rank, title)
        (path, fallback) = (channel.path, channel.fallback)
        (quantity, interval) = (channel.quantity, channel.interval)
    }

    /// The power now, W. A rail that feeds energy back, or an offset at no load, is below zero. May take as long as the
    /// firmware does.
    func watts() throws(HostError) -> Double {
        guard let fallback else { return try watts(at: path) }
        if let average = try? watts(at: path), average != 0, PowerMailbox.isPossible(average) { return average }
        if let momentary = try? watts(at: fallback) { return momentary }
        return try watts(at: path)
    }

    private func watts(at path: String) throws(HostError) -> Double {
        let value = try readSignedNumber(path)
        guard !Self.sentinels.contains(value) else {
            throw HostError(code: .malformed, path: path, detail: "the sensor has no reading")
        }
        guard case .current(let voltage) = quantity else { return Double(value) / 1e6 }
        return Double(value) * Double(try readSignedNumber(voltage)) / 1e6
    }
}

/// A file that holds one signed decimal number.
func readSignedNumber(_ path: String) throws(HostError) -> Int64 {
    let text = try readText(path, limit: 64)
    guard let number = Int64(text) else {
        throw HostError(code: .malformed, path: path, detail: "not a number: \"\(printable(text, limit: 24))\"")
    }
    return number
}
