import Attribution
import Linux
import TestSupport
import Testing
import Units

@testable import Metering

@Suite struct PerfSourceTests {
    /// A machine whose PMU `power` has the given type and mask.
    private func machine(
        type: Int, mask: String, vendor: String = "GenuineIntel", packages: [Int: (Int, Int)] = [:],
        event: String = "event=0x02", scale: String = "2.3283064365386962890625e-10"
    ) throws -> (TemporaryDirectory, HostPaths) {
        let directory = try TemporaryDirectory()
        let pmu = "sys/bus/event_source/devices/power"
        try directory.write("\(type)\n", to: pmu + "/type")
        try directory.write(mask + "\n", to: pmu + "/cpumask")
        for name in ["energy-pkg", "energy-psys"] {
            try directory.write(event + "\n", to: "\(pmu)/events/\(name)")
            try directory.write(scale + "\n", to: "\(pmu)/events/\(name).scale")
            try directory.write("Joules\n", to: "\(pmu)/events/\(name).unit")
        }
        for (cpu, place) in packages {
            let topology = "sys/devices/system/cpu/cpu\(cpu)/topology"
            try directory.write("\(place.0)\n", to: topology + "/physical_package_id")
            try directory.write("\(place.1)\n", to: topology + "/die_id")
        }
        try directory.write("vendor_id : \(vendor)\n", to: "proc/cpuinfo")
        return (directory, HostPaths(procfs: directory.path + "/proc", sysfs: directory.path + "/sys"))
    }

    @Test func eventsHaveTheNamesThatPowercapGives() throws {
        let (directory, paths) = try machine(type: 9, mask: "0,24", packages: [0: (0, 0), 24: (1, 0)])
        let events = try findPerfEvents(paths: paths)
        #expect(events.map(\.zone.description) == ["package-0", "package-1", "psys"])
        #expect(events.map(\.cpu) == [0, 24, 0])
        #expect(events.allSatisfy { $0.type == 9 && $0.config == 2 })
        #expect(abs(events[0].joulesPerCount - 1 / 4_294_967_296) < 1e-20)
        _ = directory
    }

    @Test(arguments: [
        ("GenuineIntel", ["package-0-die-0", "package-0-die-1", "psys"]), ("AuthenticAMD", ["package-0", "psys"]),
    ])
    func aDieCountsOnItsOwnOnlyWhereItHasACounter(_ vendor: String, _ zones: [String]) throws {
        let (directory, paths) = try machine(
            type: 9, mask: "0-1", vendor: vendor, packages: [0: (0, 0), 1: (0, 1)])
        #expect(try findPerfEvents(paths: paths).map(\.zone.description) == zones)
        _ = directory
    }

    @Test(arguments: ["", "x", "event=", "event=0x100", "umask", "event=0x2,foo=1", "event=0xzz", "=", ",,"])
    func anEventThatIsNoneIsLeftOut(_ text: String) {
        #expect(text == ",," || parseEventConfig(text) == nil)
        #expect(parseEventConfig("event=0x02,umask=0x3") == 0x302)
    }

    @Test func withoutThePMUItSaysWhatToDo() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: Diagnosis.self) {
            try PerfSource(paths: HostPaths(procfs: directory.path, sysfs: directory.path))
        }
        #expect(error?.code == .missing && error?.remedy?.contains("modprobe rapl") == true)
    }

    @Test func anUnknownPMUIsRefusedWithTheKernelsReason() throws {
        let (directory, paths) = try machine(type: 4_000_000, mask: "0")
        let error = #expect(throws: Diagnosis.self) { try PerfSource(paths: paths) }
        #expect(error?.finding.contains("perf_event_open") == true)
        _ = directory
    }
}
