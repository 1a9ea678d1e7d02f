internal import Linux

/// A chip of `/sys/class/hwmon` with its channels that measure energy or power.
struct HwmonChip {
    struct Channel {
        /// `power1`, `energy3`, `curr2`.
        let name: String
        /// Of the driver, or of the firmware (`power1_oem_info`); empty where there is none.
        let label: String
        let path: String
        /// The momentary value beside an average, which some firmware leaves empty; nil where there is none.
        let fallback: String?
        let quantity: HwmonSensor.Quantity
        /// Time over which the driver averages or renews a power, s.
        let interval: Double
    }

    let name: String
    /// `hwmon3`
    let directory: String
    let channels: [Channel]
    /// Of an ACPI meter, the devices that the firmware says it measures; empty where it does not say.
    let measures: Set<String>

    /// Chips that have a voltage and a current of one rail, and no power.
    private static let multiplied: Set<String> = ["ina3221", "ltc4151", "ltc4222", "ltc4260", "ltc4261"]

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
            self.directory = directory.split(separator: "/").last.map(String.init) ?? directory
            measures = Set(((try? listDirectory(place + "/measures")) ?? []).map(\.name))
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
            let momentary = channel + "_input"
            return Channel(
                name: channel, label: label(of: channel, in: place), path: "\(place)/\(file)",
                fallback: file != momentary && files.contains(momentary) ? "\(place)/\(momentary)" : nil,
                quantity: quantity, interval: interval(of: channel, in: place))
        }
    }

    /// s. The highest 32-bit number is ACPI's word for unknown, and no sensor averages for hours.
    private static func interval(of channel: String, in place: String) -> Double {
        guard let milliseconds = try? readNumber("\(place)/\(channel)_average_interval"), milliseconds <= 3_600_000
        else { return 1 }
        return min(max(Double(milliseconds) / 1000, 1), 60)
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
        case "input" where isNumbered("curr") && multiplied.contains(chip):
            let number = channel.dropFirst(4)
            // The fourth of an ina3221 is the sum of the others, without a voltage.
            guard !files.contains("power\(number)_input"), files.contains("in\(number)_input"),
                ["1", "2", "3"].contains(number)
            else { return nil }
            return (channel, .current(voltage: "\(place)/in\(number)_input"))
        default: return nil
        }
    }
}
