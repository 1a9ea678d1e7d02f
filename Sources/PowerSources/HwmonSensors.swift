package import Energy
package import Host

/// A sensor of `/sys/class/hwmon` whose place in the machine is known.
package struct HwmonSensor: Sendable, Equatable {
    package enum Unit: Sendable, Equatable {
        /// A counter in uJ.
        case energy
        /// A power in uW.
        case power
    }

    /// `package-0`, `platform`
    package let zone: String
    package let component: Zone.Component
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

/// Which chip's which label measures what. A label ends in `#` where the number of the socket follows.
private struct KnownSensor {
    let chip: String
    let label: String
    let component: Zone.Component

    /// From the drivers' sources, below drivers/ of the kernel, and for Grace from NVIDIA's Grace Performance Tuning
    /// Guide, "Power and Thermal Management".
    static let table = [
        // acpi/acpi_power_meter.c names the measured device in power1_oem_info; without one it is the whole node.
        KnownSensor(chip: "power_meter", label: "Module Power Socket #", component: .platform),
        KnownSensor(chip: "power_meter", label: "CPU Power Socket #", component: .package),
        KnownSensor(chip: "power_meter", label: "", component: .platform),
        KnownSensor(chip: "amd_energy", label: "Esocket#", component: .package),
        KnownSensor(chip: "fam15h_power", label: "", component: .package),
        KnownSensor(chip: "ibmpowernv", label: "System", component: .platform),
        KnownSensor(chip: "smpro", label: "SoC power", component: .package),
        KnownSensor(chip: "xgene", label: "CPU power", component: .package),
        KnownSensor(chip: "macsmc_hwmon", label: "Total System Power", component: .platform),
    ]

    /// The zone of a sensor; nil where this is another one. `device` counts the chips of the same kind.
    func zone(chip: String, label: String, device: Int) -> String? {
        guard chip == self.chip else { return nil }
        if component == .platform && !self.label.hasSuffix("#") { return label == self.label ? "platform" : nil }
        if self.label.hasSuffix("#") {
            let prefix = self.label.dropLast()
            guard label.hasPrefix(prefix), let socket = UInt16(label.dropFirst(prefix.count)) else { return nil }
            return "\(component.rawValue)-\(socket)"
        }
        return label == self.label ? "\(component.rawValue)-\(device)" : nil
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
        let path = "\(root)/\(directory)"
        guard let chip = try? readText(path + "/name", limit: 64) else { continue }
        let device = devices[chip, default: 0]
        devices[chip] = device + 1
        for file in ((try? listDirectory(path)) ?? []).map(\.name).sorted() {
            guard let (sensor, unit) = sensor(in: file) else { continue }
            // An average says more about the time between two readings than a moment does.
            if file == sensor + "_input", fileExists("\(path)/\(sensor)_average") { continue }
            let named = (try? readText("\(path)/\(sensor)_label", limit: 64)) ?? ""
            let label = named.isEmpty ? (try? readText("\(path)/\(sensor)_oem_info", limit: 64)) ?? "" : named
            let known = KnownSensor.table.lazy.compactMap { entry in
                entry.zone(chip: chip, label: label, device: device).map { ($0, entry.component) }
            }.first
            guard let (zone, component) = known else {
                let core = chip == "amd_energy" || chip == "power_meter" && !label.isEmpty
                if !core { result.others.append(printable("\(chip) \(sensor)" + (label.isEmpty ? "" : " (\(label))"))) }
                continue
            }
            let milliseconds = (try? readNumber("\(path)/\(sensor)_average_interval")) ?? 1000
            result.used.append(
                HwmonSensor(
                    zone: zone, component: component, path: "\(path)/\(file)", unit: unit,
                    interval: min(max(Double(milliseconds) / 1000, 1), 60)))
        }
    }
    return result
}

/// `power1` of `power1_input` and `power1_average`, `energy3` of `energy3_input`.
private func sensor(in file: String) -> (name: String, unit: HwmonSensor.Unit)? {
    let parts = file.split(separator: "_")
    guard parts.count == 2 else { return nil }
    if parts[0].hasPrefix("energy"), parts[1] == "input" { return (String(parts[0]), .energy) }
    if parts[0].hasPrefix("power"), parts[1] == "input" || parts[1] == "average" { return (String(parts[0]), .power) }
    return nil
}
