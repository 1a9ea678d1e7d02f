/// Names of Arm's core designs, by implementer and part of `/proc/cpuinfo` (MIDR_EL1). Linux
/// `arch/arm64/include/asm/cputype.h`; util-linux `sys-utils/lscpu-arm.c`, 2025.
enum ArmCores {
    /// `Arm Neoverse-N1`; nil for an unknown implementer. An unknown part of a known one is named by its number.
    static func name(implementer: Int, part: Int) -> String? {
        guard let maker = makers[implementer] else { return nil }
        let number = "part 0x" + String(part, radix: 16)
        return "\(maker.name) \(maker.parts[part] ?? number)"
    }

    private static let makers: [Int: (name: String, parts: [Int: String])] = [
        0x41: (
            "Arm",
            [
                0xb76: "ARM1176", 0xc07: "Cortex-A7", 0xc08: "Cortex-A8", 0xc09: "Cortex-A9", 0xc0d: "Cortex-A17",
                0xc0e: "Cortex-A17", 0xc0f: "Cortex-A15", 0xd01: "Cortex-A32", 0xd03: "Cortex-A53",
                0xd04: "Cortex-A35", 0xd05: "Cortex-A55", 0xd07: "Cortex-A57", 0xd08: "Cortex-A72",
                0xd09: "Cortex-A73", 0xd0a: "Cortex-A75", 0xd0b: "Cortex-A76", 0xd0c: "Neoverse-N1",
                0xd0d: "Cortex-A77", 0xd0e: "Cortex-A76AE", 0xd40: "Neoverse-V1", 0xd41: "Cortex-A78",
                0xd42: "Cortex-A78AE", 0xd44: "Cortex-X1", 0xd46: "Cortex-A510", 0xd47: "Cortex-A710",
                0xd48: "Cortex-X2", 0xd49: "Neoverse-N2", 0xd4a: "Neoverse-E1", 0xd4b: "Cortex-A78C",
                0xd4d: "Cortex-A715", 0xd4e: "Cortex-X3", 0xd4f: "Neoverse-V2", 0xd80: "Cortex-A520",
                0xd81: "Cortex-A720", 0xd82: "Cortex-X4", 0xd83: "Neoverse-V3AE", 0xd84: "Neoverse-V3",
                0xd85: "Cortex-X925", 0xd87: "Cortex-A725", 0xd8e: "Neoverse-N3",
            ]
        ),
        0x42: ("Broadcom", [0x516: "ThunderX2"]),
        0x43: ("Cavium", [0x0a1: "ThunderX", 0x0a2: "ThunderX 81XX", 0x0a3: "ThunderX 83XX", 0x0af: "ThunderX2"]),
        0x46: ("Fujitsu", [0x001: "A64FX", 0x003: "Monaka"]),
        0x48: ("HiSilicon", [0xd01: "Kunpeng-920", 0xd02: "Kunpeng-920B"]),
        0x4e: ("NVIDIA", [0x003: "Denver 2", 0x004: "Carmel", 0x010: "Olympus"]),
        0x50: ("Applied Micro", [0x000: "X-Gene"]),
        0x51: ("Qualcomm", [0x001: "Oryon", 0x800: "Kryo 2XX Gold", 0x802: "Kryo 3XX Gold", 0xc00: "Falkor"]),
        0x61: (
            "Apple",
            [
                0x022: "M1", 0x023: "M1", 0x024: "M1 Pro", 0x025: "M1 Pro", 0x028: "M1 Max", 0x029: "M1 Max",
                0x032: "M2", 0x033: "M2", 0x034: "M2 Pro", 0x035: "M2 Pro", 0x038: "M2 Max", 0x039: "M2 Max",
            ]
        ),
        0x6d: ("Microsoft", [0xd49: "Azure Cobalt 100"]),
        0x70: ("Phytium", [0x303: "FTC310", 0x660: "FTC660", 0x661: "FTC661", 0x662: "FTC662", 0x663: "FTC663"]),
        0xc0: ("Ampere", [0xac3: "AmpereOne", 0xac4: "AmpereOne A", 0xac5: "AmpereOne B"]),
    ]
}
