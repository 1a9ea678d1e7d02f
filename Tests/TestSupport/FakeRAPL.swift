import Glibc

/// A powercap tree like the kernel's, in a temporary directory: `class/powercap/intel-rapl:N` with `name`,
/// `energy_uj` and `max_energy_range_uj`, and the dram zone below its package.
package struct FakeRAPL: Sendable {
    /// The `sysfs` of the fake machine.
    package let sysfs: String
    private let directory: TemporaryDirectory
    private let isFlat: Bool

    /// Intel's default: 32 bits of 61 uJ. Documentation/power/powercap/powercap.rst.
    package static let usualRange: UInt64 = 262_143_328_850

    /// - Parameter isFlat: all zones on one level, as in a container whose engine hides the nested ones.
    package init(isFlat: Bool = false) throws {
        self.isFlat = isFlat
        directory = try TemporaryDirectory()
        sysfs = directory.path
        try directory.write("", to: "class/powercap/intel-rapl/enabled")
    }

    /// - Parameter zone: `intel-rapl:0`, or `intel-rapl:0:0` for a zone below it.
    package func add(_ zone: String, name: String, energy: UInt64 = 0, range: UInt64 = usualRange) throws {
        try directory.write(name + "\n", to: path(zone, "name"))
        try directory.write("\(range)\n", to: path(zone, "max_energy_range_uj"))
        try set(zone, energy)
    }

    /// The zone's long-term limit, uW.
    package func setLimit(_ zone: String, _ microwatts: UInt64) throws {
        try directory.write("\(microwatts)\n", to: path(zone, "constraint_0_power_limit_uw"))
    }

    /// A chip of `class/hwmon`.
    package func addSensor(_ chip: String, _ files: [String: String]) throws {
        try directory.write(chip + "\n", to: "class/hwmon/\(chip)/name")
        for (file, text) in files { try directory.write(text + "\n", to: "class/hwmon/\(chip)/\(file)") }
    }

    /// The sockets that the machine's CPUs are in.
    package func setSockets(_ sockets: [Int]) throws {
        try directory.write("0-\(sockets.count - 1)\n", to: "devices/system/cpu/online")
        for (cpu, socket) in sockets.enumerated() {
            try directory.write("\(socket)\n", to: "devices/system/cpu/cpu\(cpu)/topology/physical_package_id")
        }
    }

    package func set(_ zone: String, _ energy: UInt64) throws {
        try setRaw(zone, "\(energy)\n")
    }

    /// Sets the counter file to any text, as a broken driver might.
    package func setRaw(_ zone: String, _ text: String) throws {
        try directory.write(text, to: path(zone, "energy_uj"))
    }

    package func remove(_ zone: String) {
        removeTree("\(sysfs)/\(path(zone, ""))")
    }

    /// Makes a read fail as a broken driver does: the file is a directory.
    package func makeUnreadable(_ zone: String) {
        let file = "\(sysfs)/\(path(zone, "energy_uj"))"
        unlink(file)
        mkdir(file, 0o755)
    }

    package func makeReadable(_ zone: String, _ energy: UInt64) throws {
        rmdir("\(sysfs)/\(path(zone, "energy_uj"))")
        try set(zone, energy)
    }

    private func path(_ zone: String, _ file: String) -> String {
        if isFlat { return "class/powercap/\(zone)/\(file)" }
        let parts = zone.split(separator: ":")
        let parent = parts.prefix(2).joined(separator: ":")
        let below = parts.count > 2 ? "/\(zone)" : ""
        return "class/powercap/\(parent)\(below)/\(file)"
    }
}
