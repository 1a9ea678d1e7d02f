internal import Attribution
package import Linux

/// What was found in `/sys/class/hwmon`: sensors whose place in the machine is known, and all others that seem to measure
/// power.
package struct HwmonSensors: Sendable, Equatable {
    /// With all that measure the same zone: the best of them may have no reading.
    package var known: [HwmonSensor] = []
    /// `ina219 power1 (VDD_SOC): it is unknown what it measures`
    package var others: [String] = []

    /// The best of each zone.
    package var used: [HwmonSensor] { known.filter { $0.rank == bestRank(of: $0.zone) } }

    /// Those that are read where no better one has a reading: `pfe1100 power1 (pin): power_meter power1 measures this too`.
    package var reserve: [String] {
        known.filter { $0.rank != bestRank(of: $0.zone) }.map { sensor in
            let better = known.first { $0.zone == sensor.zone && $0.rank < sensor.rank }
            return "\(sensor.title): \(better?.title ?? "another sensor") measures this too"
        }
    }

    /// What is worth a word about those that are not used, in a line each.
    var remarks: [String] {
        (Self.line(others).map { ["not used: \($0)"] } ?? [])
            + (Self.line(reserve).map { ["used only while a better one has no reading: \($0)"] } ?? [])
    }

    /// The others in one line; nil where there are none.
    var skipped: String? { Self.line(others) }

    private func bestRank(of zone: ZoneID) -> Int? { known.lazy.filter { $0.zone == zone }.map(\.rank).min() }

    private static func line(_ texts: [String]) -> String? {
        guard !texts.isEmpty else { return nil }
        let shown = texts.prefix(longestList).joined(separator: "; ")
        return texts.count > longestList ? "\(shown); and \(texts.count - longestList) more" : shown
    }

    private static let longestList = 24
}

/// Looks through `/sys/class/hwmon`. Documentation/hwmon/sysfs-interface.rst
package func findHwmonSensors(sysfs: String) throws(HostError) -> HwmonSensors {
    let root = sysfs + "/class/hwmon"
    // hwmon10 comes after hwmon9.
    let names = try listDirectory(root).map(\.name).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    let chips = names.prefix(HwmonChip.most).compactMap { HwmonChip(directory: "\(root)/\($0)") }
    var meters = ACPIMeters(chips)
    /// Chips of a kind that measure a component.
    var devices: [String: Int] = [:]
    var titles: [String: Int] = [:]
    for chip in chips {
        for channel in chip.channels { titles[chip.title(of: channel), default: 0] += 1 }
    }
    var result = HwmonSensors()
    for chip in chips {
        var components: Set<Zone.Component> = []
        for channel in chip.channels {
            var title = chip.title(of: channel)
            if titles[title, default: 0] > 1 { title += printable(" of \(chip.directory)") }
            let isACPI = chip.name == ACPIMeters.chip
            let label = isACPI ? meters.label(channel.label) : channel.label
            let rule = KnownSensor.find(chip: chip.name, label: label, isEnergy: channel.quantity == .energy)
            guard let rule,
                let zone = rule.zone(label: label, device: devices["\(chip.name) \(rule.component)", default: 0])
            else {
                if let reason = whyUnused(chip: chip.name, channel) { result.others.append("\(title): \(reason)") }
                continue
            }
            components.insert(rule.component)
            let place = isACPI && label.isEmpty ? meters.place(measures: chip.measures) : 0
            result.known.append(HwmonSensor(channel, zone: zone, rank: rule.rank * 100_000 + place, title: title))
        }
        for component in components { devices["\(chip.name) \(component)", default: 0] += 1 }
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
