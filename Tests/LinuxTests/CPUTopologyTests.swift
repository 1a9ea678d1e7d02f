import Linux
import TestSupport
import Testing

@Suite struct CPUTopologyTests {
    @Test(arguments: [
        ("0-3,8", [0, 1, 2, 3, 8]), ("5", [5]), ("", []), ("0-1\n", [0, 1]), ("0, 2-3", [0, 2, 3]),
    ]) func listsOfCPUsAreRead(text: String, cpus: [Int]) {
        #expect(parseCPUList(text) == cpus)
    }

    @Test(arguments: ["a", "3-1", "1-2-3", "-1", "0-99999999", "1..3", "0,,1", "0-"]) func whatIsNoListIsRefused(
        text: String
    ) {
        #expect(parseCPUList(text) == nil)
    }

    @Test func aPlainMachineHasOneClassAndItsThreadsAreSiblings() throws {
        let sysfs = try TemporaryDirectory()
        for cpu in 0..<4 {
            try sysfs.write("\(cpu % 2),\(cpu % 2 + 2)\n", to: "devices/system/cpu/cpu\(cpu)/topology/core_cpus_list")
        }
        let topology = CPUTopology(sysfs: sysfs.path, cpuCount: 4)
        #expect(topology.classes == ["all"] && topology.classOfCPU == [0, 0, 0, 0])
        #expect(topology.siblingOfCPU == [2, 3, 0, 1] && topology.hasSiblings)
        #expect(!topology.withoutSiblings.hasSiblings)
    }

    /// Four threads a core: which of the others is the sibling is unknown.
    @Test func moreThanTwoThreadsACoreAreNoSiblings() throws {
        let sysfs = try TemporaryDirectory()
        for cpu in 0..<4 { try sysfs.write("0-3", to: "devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list") }
        #expect(!CPUTopology(sysfs: sysfs.path, cpuCount: 4).hasSiblings)
    }

    @Test func hybridCPUsOfIntelHaveTheirClasses() throws {
        let sysfs = try TemporaryDirectory()
        try sysfs.write("0-3\n", to: "devices/cpu_core/cpus")
        try sysfs.write("4-5\n", to: "devices/cpu_atom/cpus")
        let topology = CPUTopology(sysfs: sysfs.path, cpuCount: 8)
        #expect(topology.classes == ["performance", "efficiency"])
        // Two that are in no list count as the weakest.
        #expect(topology.classOfCPU == [0, 0, 0, 0, 1, 1, 1, 1])
    }

    @Test func coresOfARMAreDistinguishedByCapacity() throws {
        let sysfs = try TemporaryDirectory()
        for (cpu, capacity) in [250, 250, 250, 700, 1024].enumerated() {
            try sysfs.write("\(capacity)\n", to: "devices/system/cpu/cpu\(cpu)/cpu_capacity")
        }
        let topology = CPUTopology(sysfs: sysfs.path, cpuCount: 5)
        #expect(topology.classes == ["capacity-1024", "capacity-700", "capacity-250"])
        #expect(topology.classOfCPU == [2, 2, 2, 1, 0])
    }

    @Test func garbageMakesAUniformMachine() throws {
        let sysfs = try TemporaryDirectory()
        try sysfs.write("rubbish", to: "devices/cpu_core/cpus")
        try sysfs.write("rubbish", to: "devices/system/cpu/cpu0/topology/core_cpus_list")
        try sysfs.write("-7", to: "devices/system/cpu/cpu0/cpu_capacity")
        #expect(CPUTopology(sysfs: sysfs.path, cpuCount: 2) == CPUTopology(uniform: 2))
    }
}

@Suite struct CgroupFilesTests {
    @Test func quotasAreReadWhereThereAreAny() throws {
        let plain = try CgroupCPUStat(parsing: "usage_usec 12\nuser_usec 7\nsystem_usec 5\n")
        #expect(plain.usageMicroseconds == 12 && plain.throttledPeriods == nil && plain.throttledMicroseconds == nil)
        let quota = try CgroupCPUStat(
            parsing: "usage_usec 1\nnr_periods 9\nnr_throttled 3\nthrottled_usec 2500\nnr_bursts 0\n")
        #expect(quota.throttledPeriods == 3 && quota.throttledMicroseconds == 2500)
        #expect(throws: HostError.self) { try CgroupCPUStat(parsing: "nonsense") }
        #expect(throws: HostError.self) { try CgroupCPUStat(parsing: "usage_usec -1") }
    }

    @Test func pressureIsReadByResource() throws {
        let text =
            "some avg10=0.12 avg60=0.00 avg300=0.00 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=42\n"
        #expect(CgroupPressure(resource: "io", parsing: text)?.microseconds == ["io": 4711, "io.full": 42])
        #expect(CgroupPressure(resource: "cpu", parsing: text)?.microseconds == ["cpu": 4711])
        #expect(CgroupPressure(resource: "cpu", parsing: "some total=x") == nil)
        #expect(CgroupPressure(directory: "/nowhere") == nil)
    }

    @Test func garbageNeverCrashes() {
        var generator = SeededGenerator(seed: 7)
        let words = ["some", "full", "total=", "total=9", "usage_usec", "\n", " ", "18446744073709551616", "-1", "é"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                words.randomElement(using: &generator) ?? ""
            }.joined(separator: Bool.random(using: &generator) ? " " : "")
            _ = CgroupPressure(resource: "cpu", parsing: text)
            _ = try? CgroupCPUStat(parsing: text)
            _ = parseCPUList(text)
        }
    }
}
