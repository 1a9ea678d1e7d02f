package import Attribution
package import Linux

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
    package let path: String
    package let quantity: Quantity
    /// Of a power, the time over which the driver averages or renews it, s.
    package let interval: Double
    /// `power_meter power1 (Grace Power Socket 0)`
    package let title: String
}

/// What was found in `/sys/class/hwmon`: sensors that are used, and all others that seem to measure power.
package struct HwmonSensors: Sendable, Equatable {
    package var used: [HwmonSensor] = []
    /// `ina219 power1 (VDD_SOC): it is unknown what it measures`
    package var others: [String] = []

    /// The others in one line; nil where there are none.
    var skipped: String? {
        guard !others.isEmpty else { return nil }
        let shown = others.prefix(Self.longestList).joined(separator: "; ")
        return others.count > Self.longestList ? "\(shown); and \(others.count - Self.longestList) more" : shown
    }

    private static let longestList = 24
}

/// Looks through `/sys/class/hwmon`. Documentation/hwmon/sysfs-interface.rst
package func findHwmonSensors(sysfs: String) throws(HostError) -> HwmonSensors {
    let root = sysfs + "/class/hwmon"
    var chips: [HwmonChip] = []
    var devices: [String: Int] = [:]
    // hwmon10 comes after hwmon9.
    let names = try listDirectory(root).map(\.name).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    for name in names.prefix(HwmonChip.most) {
        guard let chip = HwmonChip(directory: "\(root)/\(name)") else { continue }
        chips.append(chip)
    }
    var known: [(sensor: HwmonSensor, rule: KnownSensor)] = []
    var result = HwmonSensors()
    for chip in chips {
        let device = devices[chip.name, default: 0]
        devices[chip.name] = device + 1
        for channel in chip.channels {
            let title = chip.title(of: channel)
            guard
                let (rule, zone) = KnownSensor.find(
                    chip: chip.name, label: channel.label, device: device, isEnergy: channel.quantity == .energy)
            else {
                if let reason = whyUnused(chip: chip.name, channel) { result.others.append("\(title): \(reason)") }
                continue
            }
            known.append(
                (
                    HwmonSensor(
                        zone: zone, path: channel.path, quantity: channel.quantity, interval: channel.interval,
                        title: title), rule
                ))
        }
    }
    // A total before what lies inside it, and of several meters of one zone the best: they must not be added up.
    for (sensor, rule) in known {
        let better = known.first { $0.rule.rank < rule.rank && $0.sensor.zone.overlaps(sensor.zone) }
        if let better {
            result.others.append("\(sensor.title): \(better.sensor.title) measures this too")
        } else {
            result.used.append(sensor)
        }
    }
    return result
}

/// Why a channel of no known meaning is not used; nil for one that is not worth a word.
private func whyUnused(chip: String, _ channel: HwmonChip.Channel) -> String? {
    switch chip {
    // One of 256 cores, whose socket is used.
    case "amd_energy", "zenergy": return nil
    case "amdgpu", "i915", "xe", "nouveau": return "a graphics processor, which is in no zone"
    case _ where chip.hasPrefix("BAT"): return "a battery, see the source battery"
    default: break
    }
    let label = channel.label.lowercased()
    if label.hasPrefix("pout") { return "the output of a power supply or regulator, not what the node draws" }
    if label.hasPrefix("pin") { return "it is unknown whether the chip is a power supply of the node" }
    return "it is unknown what it measures"
}
