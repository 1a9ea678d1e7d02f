internal import Attribution

/// The ACPI power meters of a machine by what their firmware calls them.
///
/// `power1_oem_info` is free text. On some machines it names what is measured, on others the maker of the board; a meter
/// whose text says nothing measures the node, as the specification has it (ACPI 6.5, 10.4).
struct ACPIMeters {
    static let chip = "power_meter"

    /// True where one has no text, or one that stands for none.
    private let hasNameless: Bool
    /// Texts that name neither a part that is known nor one that is not.
    private let freeTexts: Set<String>
    /// What the first meters without a name measure, which are added up.
    private var firsts: [Set<String>] = []
    private var reserves = 0

    init(_ chips: [HwmonChip]) {
        let labels = chips.filter { $0.name == Self.chip }.flatMap(\.channels).map(\.label)
        hasNameless = labels.contains(where: Self.isPlaceholder)
        freeTexts = Set(
            labels.filter { label in
                !Self.isPlaceholder(label) && !Self.namesPart(label)
                    && KnownSensor.find(chip: Self.chip, label: label, isEnergy: false) == nil
            })
    }

    /// The text to be looked up: empty for the meter of the node. Several texts may tell several devices apart, and one
    /// beside a meter without a text is there for a reason.
    func label(_ text: String) -> String {
        if Self.isPlaceholder(text) { return "" }
        return !hasNameless && freeTexts.count == 1 && freeTexts.contains(text) ? "" : text
    }

    /// The place of the next meter without a name: 0 for the first and for those that measure other devices than it, by
    /// their own account; any other may be the same node again, and is a reserve.
    mutating func place(measures: Set<String>) -> Int {
        if firsts.isEmpty || !measures.isEmpty && firsts.allSatisfy({ !$0.isEmpty && $0.isDisjoint(with: measures) }) {
            firsts.append(measures)
            return 0
        }
        reserves += 1
        return reserves
    }

    private static func isPlaceholder(_ text: String) -> Bool {
        let words: Set<String> = [
            "", "0", "-", "n/a", "na", "none", "null", "unknown", "not specified", "not available", "default string",
            "to be filled by o.e.m.", "oem", "reserved", "undefined",
        ]
        return words.contains(text.lowercased())
    }

    /// True for `DIMM Group 2`, `GPU0 Power`, `Enclosure`: not this node, or not all of it.
    private static func namesPart(_ text: String) -> Bool {
        let parts = [
            "socket", "cpu", "processor", "core", "soc", "sysio", "io", "module", "dimm", "dram", "memory", "gpu",
            "accel",
            "fan", "disk", "drive", "hdd", "ssd", "nvme", "storage", "nic", "pci", "pcie", "slot", "riser", "rail",
            "vr", "psu",
            "supply", "battery", "domain", "group", "board", "chassis", "enclosure", "rack", "blade", "sled", "pin",
            "pout", "grace", "th500",
        ]
        return text.lowercased().split { !$0.isLetter && !$0.isNumber }.contains { word in
            parts.contains { part in
                word.hasPrefix(part) && (part.utf8.count > 3 || word.dropFirst(part.utf8.count).allSatisfy(\.isNumber))
            }
        }
    }
}
