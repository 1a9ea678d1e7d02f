/// A generation of processors that published power figures exist for.
package enum CPUFamily: String, Sendable, CaseIterable {
    case amdEpycGen1 = "amd-epyc-gen1"
    case amdEpycGen2 = "amd-epyc-gen2"
    case amdEpycGen3 = "amd-epyc-gen3"
    case amdEpycGen4 = "amd-epyc-gen4"
    case amdEpycGen5 = "amd-epyc-gen5"
    case armNeoverse = "arm-neoverse"
    case intelSandyBridge = "intel-sandybridge"
    case intelIvyBridge = "intel-ivybridge"
    case intelHaswell = "intel-haswell"
    case intelBroadwell = "intel-broadwell"
    case intelSkylakeClient = "intel-skylake-client"
    case intelCoffeeLake = "intel-coffeelake"
    case intelSkylakeServer = "intel-skylake-server"
    case intelCascadeLake = "intel-cascadelake"
    case intelIceLake = "intel-icelake"
    case intelSapphireRapids = "intel-sapphirerapids"
    case intelEmeraldRapids = "intel-emeraldrapids"
    case intelGraniteRapids = "intel-graniterapids"

    /// The family of `cpu`, and whether `cpu` is of it (`isMember`) or only closer to it than to any other. Nil where
    /// none is close.
    ///
    /// By numbers, for "2435" is both a Xeon and an Opteron; by name only where a list of names is all there is. Intel: Linux `arch/x86/include/asm/
    /// intel-family.h`; AMD: `arch/x86/kernel/cpu/amd.c`; Arm: `arch/arm64/include/asm/cputype.h`.
    package static func identify(_ cpu: CPUModel) -> (family: CPUFamily, isMember: Bool)? {
        guard cpu.family != 0 || !cpu.vendor.isEmpty else { return named(cpu.name).map { ($0, true) } }
        return switch cpu.vendor {
        case "GenuineIntel" where cpu.family == 6: intel(model: cpu.model, stepping: cpu.stepping)
        case "AuthenticAMD": amd(family: cpu.family, model: cpu.model)
        // Hygon's Dhyana is a licensed Zen 1.
        case "HygonGenuine" where cpu.family == 0x18: (.amdEpycGen1, false)
        case "0x41": arm(part: cpu.part)
        // AmpereOne: Ampere's own cores, in the place of their Neoverse N1.
        case "0xc0": (.armNeoverse, false)
        default: nil
        }
    }

    /// The families whose names contain the generation: Xeon Scalable (its second digit), E3 to E7 (`v2` to `v4`), EPYC
    /// (its last digit).
    private static func named(_ name: String) -> CPUFamily? {
        let words = CPUDesignPower.key(of: name).split(separator: " ")
        guard words.count >= 2, let number = words.dropFirst().first else {
            let plain = words.first.map { $0.hasPrefix("e5-") || $0.hasPrefix("e7-") } ?? false
            return plain ? .intelSandyBridge : nil
        }
        switch (words[0], number.dropFirst().first, number.dropFirst(3).first) {
        case ("platinum", "1"?, _), ("gold", "1"?, _), ("silver", "1"?, _), ("bronze", "1"?, _):
            return .intelSkylakeServer
        case ("platinum", "2"?, _), ("gold", "2"?, _), ("silver", "2"?, _), ("bronze", "2"?, _):
            return .intelCascadeLake
        case ("platinum", "3"?, _), ("gold", "3"?, _), ("silver", "3"?, _): return .intelIceLake
        case ("platinum", "4"?, _), ("gold", "4"?, _), ("silver", "4"?, _), ("bronze", "4"?, _):
            return .intelSapphireRapids
        case ("platinum", "5"?, _), ("gold", "5"?, _), ("silver", "5"?, _): return .intelEmeraldRapids
        case ("epyc", _, "1"?): return .amdEpycGen1
        case ("epyc", _, "2"?): return .amdEpycGen2
        case ("epyc", _, "3"?): return .amdEpycGen3
        case ("epyc", _, "4"?): return .amdEpycGen4
        case ("epyc", _, "5"?): return .amdEpycGen5
        default: break
        }
        guard words[0].hasPrefix("e5-") || words[0].hasPrefix("e7-") || words[0].hasPrefix("e3-") else { return nil }
        return switch number {
        case "v2": .intelIvyBridge
        case "v3": .intelHaswell
        case "v4": .intelBroadwell
        default: nil
        }
    }

    private static func intel(model: Int, stepping: Int) -> (family: CPUFamily, isMember: Bool)? {
        switch model {
        case 0x2A, 0x2D: (.intelSandyBridge, true)
        case 0x1A, 0x1E, 0x1F, 0x2E, 0x25, 0x2C, 0x2F: (.intelSandyBridge, false)  // Nehalem, Westmere
        case 0x3A, 0x3E: (.intelIvyBridge, true)
        case 0x3C, 0x3F, 0x45, 0x46: (.intelHaswell, true)
        case 0x3D, 0x47, 0x4F, 0x56: (.intelBroadwell, true)
        case 0x4E, 0x5E: (.intelSkylakeClient, true)
        case 0x55 where stepping < 5: (.intelSkylakeServer, true)
        case 0x55 where stepping < 8: (.intelCascadeLake, true)
        case 0x55: (.intelCascadeLake, false)  // Cooper Lake
        case 0x8E, 0x9E: (.intelCoffeeLake, true)
        case 0xA5, 0xA6, 0x66, 0x7D, 0x7E, 0x8C, 0x8D, 0xA7: (.intelCoffeeLake, false)  // Comet to Rocket Lake
        case 0x97, 0x9A, 0xB7, 0xBA, 0xBF, 0xAA, 0xAC, 0xC5, 0xC6, 0xBD: (.intelCoffeeLake, false)  // Alder Lake on
        case 0x6A, 0x6C: (.intelIceLake, true)
        case 0x8F: (.intelSapphireRapids, true)
        case 0xCF: (.intelEmeraldRapids, true)
        case 0xAD, 0xAE: (.intelGraniteRapids, true)
        case 0xAF, 0xDD: (.intelGraniteRapids, false)  // Sierra Forest, Clearwater Forest
        default: nil
        }
    }

    private static func amd(family: Int, model: Int) -> (family: CPUFamily, isMember: Bool)? {
        switch (family, model) {
        case (0x17, 0x00...0x0F): (.amdEpycGen1, true)
        case (0x17, 0x10...0x2F): (.amdEpycGen1, false)  // Raven Ridge, Picasso
        case (0x17, 0x30...0x3F): (.amdEpycGen2, true)
        case (0x17, _): (.amdEpycGen2, false)  // Ryzen 3000, 4000
        case (0x19, 0x00...0x0F): (.amdEpycGen3, true)
        case (0x19, 0x10...0x1F), (0x19, 0xA0...0xAF): (.amdEpycGen4, true)
        case (0x19, 0x60...0x7F): (.amdEpycGen4, false)  // Ryzen 7000
        case (0x19, _): (.amdEpycGen3, false)  // Ryzen 5000, 6000
        case (0x1A, 0x00...0x1F): (.amdEpycGen5, true)
        case (0x1A, _): (.amdEpycGen5, false)  // Ryzen 9000
        default: nil
        }
    }

    private static func arm(part: Int?) -> (family: CPUFamily, isMember: Bool)? {
        switch part {
        case 0xD0C: (.armNeoverse, true)  // N1
        case 0xD40, 0xD49, 0xD4F, 0xD84, 0xD8E, 0xD4A: (.armNeoverse, false)  // V1, N2, V2, V3, N3, E1
        default: nil
        }
    }
}
