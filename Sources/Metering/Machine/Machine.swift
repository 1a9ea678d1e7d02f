internal import Attribution
package import Linux

/// The processor and what runs below this kernel: what decides which meters there can be at all.
package struct Machine: Sendable, Equatable {
    package enum Architecture: Sendable, Equatable {
        /// With RAPL, by the kernel's list of processors that have it.
        case x86
        /// x86 without RAPL: older ones, VIA and Zhaoxin.
        case plainX86
        case arm
        case power
        case mainframe
        case riscV
        case other
    }

    package let architecture: Architecture
    /// Name of the processor; empty where it is unknown.
    package let name: String
    /// Whose guest this is: `Amazon EC2`, `KVM`; nil on bare metal, as far as is known.
    package let hypervisor: String?
    /// True in Xen's dom0, which has the machine's devices and not its model-specific registers.
    package let isXenControlDomain: Bool
    /// True for processors whose RAPL counters another driver serves, over TPMI.
    package let hasTPMI: Bool
    /// False where the firmware has no ACPI, as on most small Arm boards.
    package let hasACPI: Bool

    package init(_ paths: HostPaths) {
        let text = (try? readText(paths.procfs + "/cpuinfo", limit: 4 << 20)) ?? ""
        let cpu = CPUModel(cpuinfo: text)
        name = cpu.name
        architecture = Self.architecture(of: cpu, cpuinfo: text)
        hypervisor = findHypervisor(paths, cpuinfo: text)
        isXenControlDomain = hypervisor == nil && Metering.isXenControlDomain(paths)
        hasTPMI = cpu.vendor == "GenuineIntel" && cpu.family == 6 && Self.modelsWithTPMI.contains(cpu.model)
        hasACPI = isDirectory(paths.sysfs + "/firmware/acpi")
    }

    /// For messages: `this processor (POWER9)`.
    package var processor: String { name.isEmpty ? "this processor" : "this processor (\(name))" }

    private static func architecture(of cpu: CPUModel, cpuinfo: String) -> Architecture {
        func has(_ key: String) -> Bool { lines(of: cpuinfo).lazy.prefix(64).contains { $0.hasPrefix(key) } }
        switch cpu.vendor {
        case "GenuineIntel": return isBeforeRAPL(cpu) ? .plainX86 : .x86
        // Zen and its licensed copy. Older ones have fam15h_power.
        case "AuthenticAMD", "HygonGenuine": return cpu.family >= 0x17 || cpu.family == 0 ? .x86 : .plainX86
        case "IBM/S390": return .mainframe
        default: break
        }
        // VIA, Zhaoxin and others have what x86 has, and no RAPL.
        if has("flags") { return .plainX86 }
        if has("CPU implementer") || has("Hardware") { return .arm }
        // MIPS has an `isa` too, SPARC a `cpu`.
        let isa = lines(of: cpuinfo).lazy.prefix(64).first { $0.hasPrefix("isa") }?.split(separator: ":").last ?? ""
        if isa.contains("rv32") || isa.contains("rv64") || has("hart") { return .riscV }
        if has("timebase") || ["POWER", "PPC", "Cell Broadband"].contains(where: cpu.name.hasPrefix) { return .power }
        return cpu.vendor.isEmpty && cpuinfo.isEmpty ? .x86 : .other
    }

    /// Granite Rapids, Granite Rapids-D, Sierra Forest, Clearwater Forest. Linux `arch/x86/include/asm/intel-family.h`.
    private static let modelsWithTPMI: Set<Int> = [0xAD, 0xAE, 0xAF, 0xDD]

    /// Intel's before Sandy Bridge: Core 2, Nehalem, Westmere and the first Atoms. Linux
    /// `drivers/powercap/intel_rapl_common.c` lists those that have it.
    private static func isBeforeRAPL(_ cpu: CPUModel) -> Bool {
        let without: Set<Int> = [
            0x0E, 0x0F, 0x16, 0x17, 0x1A, 0x1C, 0x1D, 0x1E, 0x1F, 0x25, 0x26, 0x27, 0x2C, 0x2E, 0x2F, 0x35, 0x36,
        ]
        // 0: not reported, so it may well have it.
        return (1..<6).contains(cpu.family) || cpu.family == 15
            || cpu.family == 6 && (cpu.model < 0x0E || without.contains(cpu.model))
    }
}
