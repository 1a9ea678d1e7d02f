import Attribution
import Glibc
import Linux
import Metering
import TestSupport
import Testing
import Units

@Suite struct RAPLSourceTests {
    private func paths(_ rapl: FakeRAPL) -> HostPaths { HostPaths(sysfs: rapl.sysfs) }

    /// One tick of one second that ends at `now`.
    private func tick(_ source: inout RAPLSource, at now: Double) -> [String: ZoneReading] {
        source.sample(at: Seconds(now))
        source.sample(at: Seconds(now + 0.001))
        let activity = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        return Dictionary(
            uniqueKeysWithValues: source.collect(activity, at: Seconds(now)).map { ($0.zone.name, $0) })
    }

    private func twoSockets(isFlat: Bool = false) throws -> FakeRAPL {
        let rapl = try FakeRAPL(isFlat: isFlat)
        // Socket 1 under the directory that sorts first: names count, not order.
        try rapl.add("intel-rapl:0", name: "package-1", energy: 1000)
        try rapl.add("intel-rapl:0:0", name: "core")
        try rapl.add("intel-rapl:0:1", name: "dram", energy: 2000)
        try rapl.add("intel-rapl:1", name: "package-0", energy: 3000)
        try rapl.add("intel-rapl:1:0", name: "dram", energy: 4000)
        try rapl.add("intel-rapl:2", name: "psys", energy: 5000)
        return rapl
    }

    @Test(arguments: [false, true]) func findsZonesByTheirNames(_ isFlat: Bool) throws {
        let rapl = try twoSockets(isFlat: isFlat)
        // The same package by another interface.
        try rapl.add("intel-rapl-mmio:0", name: "package-0", energy: 9_000_000)
        let zones = try findRAPLZones(in: rapl.sysfs + "/class/powercap", interface: .registers)
        #expect(zones.map(\.id.description) == ["dram-0", "dram-1", "package-0", "package-1", "psys"])
        #expect(zones[2].path.hasSuffix("/intel-rapl:1"))
        #expect(zones[1].path.hasSuffix(isFlat ? "/powercap/intel-rapl:0:1" : "/intel-rapl:0/intel-rapl:0:1"))
        let mapped = try findRAPLZones(in: rapl.sysfs + "/class/powercap", interface: .mmio)
        #expect(mapped.map(\.path) == [rapl.sysfs + "/class/powercap/intel-rapl-mmio:0"])
    }

    @Test func theFirstTickMeasuresNothing() throws {
        let rapl = try twoSockets()
        var source = try RAPLSource(paths: paths(rapl))
        #expect(tick(&source, at: 0).isEmpty)
        try rapl.set("intel-rapl:1", 3000 + 40_000_000)
        let readings = tick(&source, at: 1)
        #expect(readings["package-0"]?.energy == Microjoules(40_000_000))
        #expect(readings["package-1"]?.energy == .zero)
        #expect(readings["package-0"]?.zone.quality == .measured)
        #expect(source.health.errors == 0)
    }

    @Test func aReadingBetweenTwoSamplesIsTheirMiddle() throws {
        let rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0", energy: 0)
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        let activity = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        try rapl.set("intel-rapl:0", 10_000_000)
        source.sample(at: Seconds(1))
        try rapl.set("intel-rapl:0", 10_400_000)
        source.sample(at: Seconds(1.01))
        #expect(source.collect(activity, at: Seconds(1)).first?.energy == Microjoules(10_200_000))
    }

    @Test func aZoneThatVanishesLeavesTheOthersAloneAndComesBack() throws {
        let rapl = try twoSockets()
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        rapl.remove("intel-rapl:1")
        try rapl.set("intel-rapl:0", 1000 + 7_000_000)
        let without = tick(&source, at: 1)
        #expect(without["package-0"] == nil && without["dram-0"] == nil)
        #expect(without["package-1"]?.energy == Microjoules(7_000_000))
        #expect(source.health.errors == 2)
        #expect(source.health.lastError?.contains("intel-rapl:1") == true)
        // Back after three seconds, with a counter that kept counting: one second belongs to the window, the rest is
        // unattributed.
        _ = tick(&source, at: 2)
        try rapl.add("intel-rapl:1", name: "package-0", energy: 3000 + 30_000_000)
        let back = try #require(tick(&source, at: 3)["package-0"])
        #expect(back.energy + back.gapEnergy == Microjoules(30_000_000))
        #expect(back.energy == Microjoules(10_000_000))
    }

    @Test(arguments: ["", "\n", "garbage\n", "-5\n", "12 34\n", "99999999999999999999999\n", "1e9\n", "\u{0}\u{0}"])
    func garbageIsAnErrorAndNoEnergy(_ content: String) throws {
        let rapl = try twoSockets()
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        try rapl.setRaw("intel-rapl:1", content)
        let readings = tick(&source, at: 1)
        #expect(readings["package-0"] == nil)
        #expect(readings.count == 4)
        #expect(source.health.errors == 1)
    }

    @Test func anImpossibleValueIsCountedAndDiscarded() throws {
        let rapl = try twoSockets()
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        try rapl.set("intel-rapl:1", 200_000_000_000)
        #expect(tick(&source, at: 1)["package-0"] == nil)
        #expect(source.health.events["implausible"] == 1)
        // Back on the line: the energy of both windows.
        try rapl.set("intel-rapl:1", 40_003_000)
        #expect(tick(&source, at: 2)["package-0"]?.total == Microjoules(40_000_000))
        try rapl.set("intel-rapl:1", 90_003_000)
        #expect(tick(&source, at: 3)["package-0"]?.energy == Microjoules(50_000_000))
    }

    /// A step that the zone's own limits rule out, though a larger machine could draw it.
    @Test func theZonesOwnLimitsAreRead() throws {
        let rapl = try twoSockets()
        try rapl.setLimit("intel-rapl:1", 95_000_000)
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        for zone in ["intel-rapl:0", "intel-rapl:1"] { try rapl.set(zone, 697_000_000) }
        let readings = tick(&source, at: 1)
        #expect(readings["package-0"] == nil && readings["package-1"]?.energy == Microjoules(696_999_000))
    }

    @Test func anUnreadableCounterIsExplained() throws {
        let rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0")
        rapl.makeUnreadable("intel-rapl:0")
        #expect(throws: Diagnosis.self) { try RAPLSource(paths: paths(rapl)) }
    }

    @Test func withoutADriverTheDiagnosisSaysWhatToDo() throws {
        let empty = try TemporaryDirectory()
        do {
            _ = try RAPLSource(paths: HostPaths(procfs: empty.path, sysfs: empty.path))
            Issue.record("found zones in an empty directory")
        } catch {
            #expect(error.description.contains("modprobe intel_rapl_msr"))
            #expect(error.description.contains("--path.sysfs"))
        }
    }

    /// A kernel that names every die of a socket and reads one register for all of them.
    @Test func aMirroredDieIsCountedOnce() throws {
        let rapl = try FakeRAPL()
        for die in 0...1 {
            try rapl.add("intel-rapl:\(die)", name: "package-0-die-\(die)", energy: 7_000_000)
            try rapl.add("intel-rapl:\(die + 2)", name: "package-1-die-\(die)", energy: UInt64(die) * 500_000_000)
        }
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        for zone in 0...1 { try rapl.set("intel-rapl:\(zone)", 57_000_000) }
        try rapl.set("intel-rapl:2", 20_000_000)
        try rapl.set("intel-rapl:3", 530_000_000)
        let readings = tick(&source, at: 1)
        #expect(readings.keys.sorted() == ["package-0-die-0", "package-1-die-0", "package-1-die-1"])
        #expect(readings.values.reduce(0) { $0 + $1.energy.count } == 100_000_000)
        #expect(
            source.health.remarks == ["package-0-die-1 repeats the counter of package-0-die-0, which is counted once"])
    }

    /// A die that cannot be read for a while is no counter of its own when it is back.
    @Test func aMirrorStaysOneWhileItCannotBeRead() throws {
        let rapl = try FakeRAPL()
        for die in 0...1 { try rapl.add("intel-rapl:\(die)", name: "package-0-die-\(die)", energy: 7_000_000) }
        var source = try RAPLSource(paths: paths(rapl))
        _ = tick(&source, at: 0)
        for die in 0...1 { rapl.makeUnreadable("intel-rapl:\(die)") }
        for second in 1...3 { #expect(tick(&source, at: Double(second)).isEmpty) }
        for die in 0...1 { try rapl.makeReadable("intel-rapl:\(die)", 9_000_000) }
        #expect(tick(&source, at: 4).keys.sorted() == ["package-0-die-0"])
    }

    @Test func aMaskedTreeIsCalledMasked() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "class/powercap/intel-rapl/enabled")
        symlink(
            "../../devices/virtual/powercap/intel-rapl/intel-rapl:0", directory.path + "/class/powercap/intel-rapl:0")
        let error = #expect(throws: Diagnosis.self) {
            try RAPLSource(paths: HostPaths(procfs: directory.path, sysfs: directory.path))
        }
        #expect(error?.code == .masked)
        #expect(error?.remedy?.contains("--path.sysfs") == true)
    }

    @Test func anEmptiedDeviceDirectoryIsMaskedToo() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "devices/virtual/powercap/x")
        unlink(directory.path + "/devices/virtual/powercap/x")
        try directory.write("", to: "class/powercap/x")
        unlink(directory.path + "/class/powercap/x")
        let error = #expect(throws: Diagnosis.self) { try RAPLSource(paths: HostPaths(sysfs: directory.path)) }
        #expect(error?.code == .masked)
    }

    @Test func aVirtualMachineIsNotAdvisedToLoadADriver() throws {
        let directory = try TemporaryDirectory()
        try directory.write("processor : 0\nflags : fpu hypervisor\n", to: "cpuinfo")
        let error = #expect(throws: Diagnosis.self) {
            try RAPLSource(paths: HostPaths(procfs: directory.path, sysfs: directory.path))
        }
        #expect(error?.description.contains("virtual machine") == true)
        #expect(error?.description.contains("modprobe") == false)
    }

    @Test(arguments: [false, true]) func aTreeThatTheHostSharesIsReadWhereverItIs(_ isWhole: Bool) throws {
        let rapl = try twoSockets()
        var source = try RAPLSource(hostTree: isWhole ? rapl.sysfs : rapl.sysfs + "/class/powercap")
        _ = tick(&source, at: 0)
        try rapl.set("intel-rapl:1", 3000 + 5_000_000)
        let reading = try #require(tick(&source, at: 1)["package-0"])
        #expect(reading.energy == Microjoules(5_000_000) && reading.zone.source == "host")
    }

    /// As Scaphandre shares it: counters without names, and an empty directory below the package. Names from elsewhere may
    /// have the line ends of another system.
    @Test(arguments: [nil, "package-1\r\n", " package-1 \n", "package\n", "\n"])
    func aTreeOfAHostMayHaveNoNames(_ name: String?) throws {
        let directory = try TemporaryDirectory()
        try directory.write("3000\n", to: "intel-rapl:1/energy_uj")
        try directory.write("", to: "intel-rapl:1/intel-rapl:1:0/x")
        try directory.write("", to: "intel-rapl:2/x")
        if let name { try directory.write(name, to: "intel-rapl:1/name") }
        var source = try RAPLSource(hostTree: directory.path)
        _ = tick(&source, at: 0)
        try directory.write("5003000\n", to: "intel-rapl:1/energy_uj")
        let readings = tick(&source, at: 1)
        #expect(readings.mapValues(\.energy) == ["package-1": Microjoules(5_000_000)])
        // A kernel always names its zones.
        #expect(throws: HostError.self) { _ = try findRAPLZones(in: directory.path + "/none", interface: .registers) }
        if name == nil { #expect(try findRAPLZones(in: directory.path, interface: .registers).isEmpty) }
    }

    /// The driver is there: to load it is no remedy.
    @Test func aTreeWithoutAPackageIsNotMissingItsDriver() throws {
        let rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "core")
        let error = #expect(throws: Diagnosis.self) { try RAPLSource(paths: paths(rapl)) }
        #expect(error?.code == .missing && error?.finding.contains("core") == true)
        #expect(error?.description.contains("modprobe intel_rapl") == false)
        // The other interface's zones are not meant.
        let other = #expect(throws: Diagnosis.self) { try RAPLSource(paths: paths(rapl), interface: .mmio) }
        #expect(other?.finding.contains("only core") == false)
    }
}
