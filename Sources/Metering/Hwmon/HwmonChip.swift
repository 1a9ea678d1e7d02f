internal import Linux

/// A chip of `/sys/class/hwmon` with its channels that measure energy or power.
struct HwmonChip {
    struct Channel {
        /// `power1`, `energy3`, `curr2`.
        let name: String
        /// Of the driver, or of the firmware (`power1_oem_info`); empty where there is none.
        let label: String
        let path: String
        let quantity: HwmonSensor.Quantity
        /// Time over which the driver averages or renews a power, s.
        let interval: Double
    }

    let name: String
    let channels: [Channel]

    /// More chips than any machine has.
    static let most = 512

    /// nil where nothing there measures energy or power.
    init?(directory: String) {
        // Drivers that register the old way, acpi_power_meter among them, have their files in the device.
        let places = [directory, directory + "/device"]
        guard let name = places.lazy.compactMap({ try? readText($0 + "/name", limit: 64) }).first else { return nil }
        for place in places {
            let files = Set(((try? listDirectory(place)) ?? []).map(\.name))
            let channels = Self.channels(of: name, among: files, in: place)
            guard !channels.isEmpty else { continue }
            (self.name, self.channels) = (name, channels)
            return
        }
        return nil
    }

    /// `power_meter power1 (Grace Power Socket 0)`
    func title(of channel: Channel) -> String {
        printable("\(name) \(channel.name)" + (channel.label.isEmpty ? "" : " (\(channel.label))"))
    }

    private static func channels(of chip: String, among files: Set<String>, in place: String) -> [Channel] {
        files.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.compactMap { file in
            guard let (channel, quantity) = quantity(of: file, chip: chip, among: files, in: place) else { return nil }
            let milliseconds = (try? readNumber("\(place)/\(channel)_average_interval")) ?? 1000
            return Channel(
                name: channel, label: label(of: channel, in: place), path: "\(place)/\(file)", quantity: quantity,
                interval: min(max(Double(milliseconds) / 1000, 1), 60))
        }
    }

    private static func label(of channel: String, in place: String) -> String {
        var names = ["\(channel)_label", "\(channel)_oem_info"]
        // ina3221 labels its voltages only.
        if channel.hasPrefix("curr") { names.append("in\(channel.dropFirst(4))_label") }
        let texts = names.lazy.compactMap { try? readText("\(place)/\($0)", limit: 64) }
        return texts.map { $0.split { $0.isWhitespace || $0 == "\0" }.joined(separator: " ") }.first { !$0.isEmpty }
            ?? ""
    }

    /// The channel that a file is the reading of, and what it measures; nil for other files.
    private static func quantity(
        of file: String, chip: String, among files: Set<String>, in place: String
    ) -> (channel: String, HwmonSensor.Quantity)? {
        let parts = file.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let channel = String(parts[0])
        func isNumbered(_ prefix: String) -> Bool {
            channel.hasPrefix(prefix) && UInt16(channel.dropFirst(prefix.count)) != nil
        }
        switch parts[1] {
        case "input" where isNumbered("energy"): return (channel, .energy)
        // An average represents the time between two readings better than a momentary value does.
        case "input" where isNumbered("power"): return files.contains(channel + "_average") ? nil : (channel, .power)
        case "average" where isNumbered("power"): return (channel, .power)
        case "input" where isNumbered("curr") && chip == "ina3221":
            let number = channel.dropFirst(4)
            // The fourth is the sum of the others, without a voltage.
            guard !files.contains("power\(number)_input"), files.contains("in\(number)_input"),
                ["1", "2", "3"].contains(number)
            else { return nil }
            return (channel, .current(voltage: "\(place)/in\(number)_input"))
        default: return nil
        }
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
