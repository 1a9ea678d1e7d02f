/// What a power is of, by the name and the physical context that a document gives it.
enum PowerScope {
    /// All of the node or chassis.
    case whole
    /// One power supply.
    case supply
    /// Processors, fans, drives, ...
    case part
    case unclear

    private static let wholes: Set = ["system", "server", "node", "chassis", "blade", "sled", "total", "overall"]
    private static let supplies: Set = ["psu", "psus", "ps", "supply", "supplies", "powersupply", "powersupplies"]
    private static let parts: Set = [
        "accelerators", "apu", "asic", "blower", "bmc", "chipset", "cooling", "core", "cores", "cpus", "dimms", "disk",
        "disks", "dpu", "dram", "drive", "drives", "fan", "fans", "fpga", "hba", "hdd", "hdds", "io", "mem",
        "mezzanine", "network", "networking", "nic", "nics", "nvme", "ocp", "pch", "pci", "pcie", "peripheral",
        "peripherals", "port", "pump", "pumps", "raid", "rail", "riser", "sas", "sata", "slot", "soc", "socket", "ssd",
        "ssds", "sub", "switch", "usb", "vr", "vrm",
    ]
    /// These also where they are run together with other words.
    private static let partsWithin = [
        "accelerator", "backplane", "cpu", "dimm", "gpu", "memory", "processor", "storage", "subsystem",
    ]
    private static let contextsOfParts = [
        "accelerator", "asic", "backplane", "cooling", "cpu", "dpu", "expansion", "fan", "fpga", "gpu", "memory",
        "network", "processor", "pump", "storage", "usb", "voltageregulator",
    ]

    /// The name of a part comes before everything: `Total Fan Power` is of fans.
    init(name: String?, context: String?) {
        let words = Self.words(name ?? "")
        let context = context?.lowercased() ?? ""
        let isOfPart = words.contains { word in
            Self.parts.contains(word) || Self.partsWithin.contains { word.containsText($0) }
        }
        if isOfPart || Self.contextsOfParts.contains(where: context.hasPrefix) {
            self = .part
        } else if words.contains("total") || words.contains("overall") {
            self = .whole
        } else if words.contains(where: Self.supplies.contains) {
            self = .supply
        } else if words.contains(where: Self.wholes.contains) {
            self = .whole
        } else if context.hasPrefix("powersupply") {
            self = .supply
        } else {
            self = context == "chassis" || context == "system" ? .whole : .unclear
        }
    }

    /// `PSU1InputPower` is psu, input, power.
    private static func words(_ name: String) -> [String] {
        var words = [""]
        var wasSmall = false
        for scalar in name.unicodeScalars {
            let isLetter = scalar.properties.isAlphabetic
            if !isLetter || wasSmall && scalar.properties.isUppercase { words.append("") }
            if isLetter { words[words.count - 1].unicodeScalars.append(scalar) }
            wasSmall = scalar.properties.isLowercase
        }
        return words.filter { !$0.isEmpty }.map { $0.lowercased() }
    }
}

extension String {
    /// True where the other text occurs in this one. O(product of the lengths).
    func containsText(_ other: String) -> Bool {
        let (whole, part) = (Array(utf8), Array(other.utf8))
        guard part.count <= whole.count else { return false }
        return (0...(whole.count - part.count)).contains { whole[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
