package import Attribution
package import Linux

/// A sensor of `/sys/class/hwmon` whose place in the machine is known.
package struct HwmonSensor: Sendable, Equatable {
    package enum Unit: Sendable, Equatable {
        /// A counter in uJ.
        case energy
        /// A power in uW.
        case power
    }

    package let zone: ZoneID
    package let path: String
    package let unit: Unit
    /// Of a power, the time over which the driver averages or renews it, s.
    package let interval: Double
}

/// What was found in `/sys/class/hwmon`: sensors that are used, and others that measure something of unknown extent.
package struct HwmonSensors: Sendable, Equatable {
    package var used: [HwmonSensor] = []
    /// `ina219 power1 (VDD_SOC)`: they may lie inside one another and are not added up.
    package var others: [String] = []
}

/// Which chip's which label measures what. A label ends in `#` where the number of the socket follows; otherwise the
/// number is that of the chip among those of its kind. Rails of one zone add up.
private struct KnownSensor {
    let chip: String
    let label: String
    let component: Zone.Component

    /// From the drivers' sources, below drivers/acpi and drivers/hwmon of the kernel, and for Grace from NVIDIA's Grace
    /// Performance Tuning Guide, "Power and Thermal Management".
    static let table = [
        // The firmware names the measured device in power1_oem_info; without a name it is the whole node.
        KnownSensor(chip: "power_meter", label: "Module Power Socket #", component: .platform),
        KnownSensor(chip: "power_meter", label: "CPU Power Socket #", component: .package),
        KnownSensor(chip: "power_meter", label: "", component: .platform),
        KnownSensor(chip: "amd_energy", label: "Esocket#", component: .package),
        KnownSensor(chip: "fam15h_power", label: "", component: .package),
        KnownSensor(chip: "ibmpowernv", label: "System", component: .platform),
        // Ampere Altra.
        KnownSensor(chip: "smpro_hwmon", label: "power1 CORE VRD", component: .package),
        KnownSensor(chip: "smpro_hwmon", label: "power2 SoC", component: .package),
        KnownSensor(chip: "smpro_hwmon", label: "power3 DIMM VRD1", component: .dram),
        KnownSensor(chip: "smpro_hwmon", label: "power4 DIMM VRD2", component: .dram),
        KnownSensor(chip: "smpro_hwmon", label: "power5 RCA VRD", component: .package),
        KnownSensor(chip: "apm_xgene", label: "CPU power", component: .package),
        KnownSensor(chip: "apm_xgene", label: "IO power", component: .package),
        // Apple.
        KnownSensor(chip: "macsmc_hwmon", label: "Total System Power", component: .platform),
    ]

    /// The zone of a sensor; nil where this is another one.
    ///
    /// - Parameter device: number of the chip among those of the same kind.
    func zone(chip: String, label: String, device: Int) -> ZoneID? {
        guard chip == self.chip else { return nil }
        if self.label.hasSuffix("#") {
            let prefix = self.label.dropLast()
            guard label.hasPrefix(prefix), let socket = UInt32(label.dropFirst(prefix.count)) else { return nil }
            return ZoneID(component, socket: socket)
        }
        guard label == self.label else { return nil }
        return ZoneID(component, socket: UInt32(device))
    }
}

/// Looks through `/sys/class/hwmon`. Documentation/hwmon/sysfs-interface.rst
package func findHwmonSensors(sysfs: String) throws(HostError) -> HwmonSensors {
    let root = sysfs + "/class/hwmon"
    var result = HwmonSensors()
    var devices: [String: Int] = [:]
    // hwmon10 comes after hwmon9.
    let chips = try listDirectory(root).map(\.name).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    for directory in chips {
        // Drivers that register the old way, acpi_power_meter among them, have their files in the device.
        let places = ["\(root)/\(directory)", "\(root)/\(directory)/device"]
        guard let chip = places.lazy.compactMap({ try? readText($0 + "/name", limit: 64) }).first,
            let (path, files) = places.lazy.compactMap({ place in sensorFiles(in: place).map { (place, $0) } }).first
        else { continue }
        let device = devices[chip, default: 0]
        devices[chip] = device + 1
        for file in files {
            guard let (sensor, unit) = sensor(in: file) else { continue }
            // An average represents the time between two readings better than a momentary value does.
            if file == sensor + "_input", fileExists("\(path)/\(sensor)_average") { continue }
            let named = (try? readText("\(path)/\(sensor)_label", limit: 64)) ?? ""
            let label = named.isEmpty ? (try? readText("\(path)/\(sensor)_oem_info", limit: 64)) ?? "" : named
            let known = KnownSensor.table.lazy.compactMap { $0.zone(chip: chip, label: label, device: device) }.first
            guard let zone = known else {
                let core = chip == "amd_energy" || chip == "power_meter" && !label.isEmpty
                if !core { result.others.append(printable("\(chip) \(sensor)" + (label.isEmpty ? "" : " (\(label))"))) }
                continue
            }
            let milliseconds = (try? readNumber("\(path)/\(sensor)_average_interval")) ?? 1000
            result.used.append(
                HwmonSensor(
                    zone: zone, path: "\(path)/\(file)", unit: unit,
                    interval: min(max(Double(milliseconds) / 1000, 1), 60)))
        }
    }
    return result
}

/// The files of a directory that hold energy or power; nil where there are none.
private func sensorFiles(in directory: String) -> [String]? {
    let files = ((try? listDirectory(directory)) ?? []).map(\.name).filter { sensor(in: $0) != nil }.sorted()
    return files.isEmpty ? nil : files
}

/// `power1` of `power1_input` and `power1_average`, `energy3` of `energy3_input`.
private func sensor(in file: String) -> (name: String, unit: HwmonSensor.Unit)? {
    let parts = file.split(separator: "_")
    guard parts.count == 2 else { return nil }
    if parts[0].hasPrefix("energy"), parts[1] == "input" { return (String(parts[0]), .energy) }
    if parts[0].hasPrefix("power"), parts[1] == "input" || parts[1] == "average" { return (String(parts[0]), .power) }
    return nil
}
