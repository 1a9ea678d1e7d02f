import Attribution
import Testing

@Suite struct CPUFamilyTests {
    @Test(arguments: [
        ("GenuineIntel", 6, 0x2D, 7, "intel-sandybridge"),
        ("GenuineIntel", 6, 0x3E, 4, "intel-ivybridge"),
        ("GenuineIntel", 6, 0x3F, 2, "intel-haswell"),
        ("GenuineIntel", 6, 0x4F, 1, "intel-broadwell"),
        ("GenuineIntel", 6, 0x55, 4, "intel-skylake-server"),
        ("GenuineIntel", 6, 0x55, 5, "intel-cascadelake"),
        ("GenuineIntel", 6, 0x55, 7, "intel-cascadelake"),
        ("GenuineIntel", 6, 0x6A, 6, "intel-icelake"),
        ("GenuineIntel", 6, 0x8F, 8, "intel-sapphirerapids"),
        ("GenuineIntel", 6, 0xCF, 2, "intel-emeraldrapids"),
        ("GenuineIntel", 6, 0xAD, 1, "intel-graniterapids"),
        ("AuthenticAMD", 0x17, 0x01, 2, "amd-epyc-gen1"),
        ("AuthenticAMD", 0x17, 0x31, 0, "amd-epyc-gen2"),
        ("AuthenticAMD", 0x19, 0x01, 1, "amd-epyc-gen3"),
        ("AuthenticAMD", 0x19, 0x11, 1, "amd-epyc-gen4"),
        ("AuthenticAMD", 0x19, 0xA0, 2, "amd-epyc-gen4"),
        ("AuthenticAMD", 0x1A, 0x02, 1, "amd-epyc-gen5"),
    ])
    func serverFamiliesAreMembers(vendor: String, family: Int, model: Int, stepping: Int, expected: String) throws {
        let cpu = CPUModel(vendor: vendor, family: family, model: model, stepping: stepping)
        let found = try #require(CPUFamily.identify(cpu))
        #expect(found.family.rawValue == expected)
        #expect(found.isMember)
    }

    @Test(arguments: [
        (CPUModel(vendor: "GenuineIntel", family: 6, model: 0xB7, stepping: 1), "intel-coffeelake"),
        (CPUModel(vendor: "GenuineIntel", family: 6, model: 0x55, stepping: 11), "intel-cascadelake"),
        (CPUModel(vendor: "AuthenticAMD", family: 0x17, model: 0x71, stepping: 0), "amd-epyc-gen2"),
        (CPUModel(vendor: "AuthenticAMD", family: 0x19, model: 0x21, stepping: 2), "amd-epyc-gen3"),
        (CPUModel(vendor: "HygonGenuine", family: 0x18, model: 1, stepping: 1), "amd-epyc-gen1"),
        (CPUModel(vendor: "0x41", family: 8, model: 0, stepping: 1, part: 0xD4F), "arm-neoverse"),
    ])
    func neighboursGetAWiderBand(cpu: CPUModel, expected: String) throws {
        let found = try #require(CPUFamily.identify(cpu))
        #expect(found.family.rawValue == expected)
        #expect(!found.isMember)
        let profile = CPUPowerProfile(for: cpu)
        #expect(profile.basis == .neighbour)
        let member = CPUPowerProfile(for: CPUModel(vendor: "AuthenticAMD", family: 0x17, model: 0x31, stepping: 0))
        let unknown = CPUPowerProfile(for: CPUModel(vendor: "", family: 0, model: 0, stepping: 0))
        #expect(profile.spread > member.spread && profile.spread < unknown.spread)
    }

    @Test(arguments: [
        // A family 0x10 Opteron 2435: its name is also a Xeon's.
        CPUModel(vendor: "AuthenticAMD", family: 0x10, model: 8, stepping: 0, name: "Six-Core AMD Opteron 2435"),
        CPUModel(vendor: "GenuineIntel", family: 15, model: 0x55, stepping: 4),
        CPUModel(vendor: "0x41", family: 8, model: 0, stepping: 3, part: 0xD08),
        CPUModel(vendor: "0x41", family: 8, model: 0, stepping: 3, part: nil),
        CPUModel(vendor: "", family: 0, model: -1, stepping: 0),
    ])
    func whatIsNotKnownIsGeneric(cpu: CPUModel) {
        #expect(CPUFamily.identify(cpu) == nil)
        #expect(CPUPowerProfile(for: cpu).family == "generic")
    }

    @Test func neoverseN1IsAMember() {
        let profile = CPUPowerProfile(for: CPUModel(vendor: "0x41", family: 8, model: 3, stepping: 1, part: 0xD0C))
        #expect(profile.family == "arm-neoverse")
        #expect(profile.basis == .family)
    }

    @Test(arguments: CPUFamily.allCases)
    func figuresArePlausible(family: CPUFamily) {
        #expect((1...10).contains(family.published.designWattsPerThread))
        #expect((0.1...0.35).contains(family.published.machineIdleShare))
    }

    @Test func genericIsTheMedianOfTheFamilies() {
        func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let table = CPUFamily.allCases.map(\.published)
        #expect(abs(CPUPowerProfile.generic.designWattsPerThread - median(table.map(\.designWattsPerThread))) < 0.001)
        #expect(abs(CPUPowerProfile.generic.machineIdleShare - median(table.map(\.machineIdleShare))) < 0.001)
    }

    @Test(
        arguments: [
            ("Intel(R) Xeon(R) Platinum 8275CL CPU @ 3.00GHz", CPUFamily.intelCascadeLake),
            ("INTEL(R) XEON(R) GOLD 6548Y+", .intelEmeraldRapids),
            ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", .intelBroadwell),
            ("Intel(R) Xeon(R) CPU E5-2650 0 @ 2.00GHz", nil),
            ("AMD EPYC 7R13 Processor", .amdEpycGen3),
            ("AMD EPYC 9654 96-Core Processor", .amdEpycGen4),
            ("Six-Core AMD Opteron(tm) Processor 2435", nil),
            ("Neoverse-N1", nil),
            ("gold", nil),
            ("gold 6", nil),
            ("", nil),
        ] as [(String, CPUFamily?)])
    func aNameAloneTellsTheFamilyWhereItCan(name: String, family: CPUFamily?) {
        let cpu = CPUModel(vendor: "", family: 0, model: 0, stepping: 0, name: name)
        #expect(CPUFamily.identify(cpu)?.family == family)
    }

    @Test(arguments: [
        ("Intel(R) Xeon(R) Platinum 8275CL CPU @ 3.00GHz", 3.0),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", 2.2),
        ("Intel(R) Xeon(R) Platinum 8480+", nil),
        ("AMD EPYC 7R13 Processor", nil),
        ("made @ home", nil),
        ("x @ 99GHz", nil),
        ("@", nil),
        ("", nil),
    ])
    func clockIsReadFromTheName(name: String, expected: Double?) {
        let cpu = CPUModel(vendor: "GenuineIntel", family: 6, model: 0x55, stepping: 7, name: name)
        #expect(cpu.nominalGigahertz == expected)
    }
}
