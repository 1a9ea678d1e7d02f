import Attribution
import Glibc
import Linux
import Metering
import TestSupport
import Testing
import Units

/// A real event that counts: the kernel's CPU clock, in nanoseconds, as if each were 3 nJ. So a CPU that runs for a
/// second has used 3 J.
@Suite struct PerfTests {
    @Test(.enabled(if: Conditions.isRoot, "perf events of a whole CPU need root or CAP_PERFMON"))
    func realEventsAreRead() throws {
        let directory = try TemporaryDirectory()
        let pmu = "sys/bus/event_source/devices/power"
        try directory.write("1\n", to: pmu + "/type")
        try directory.write("0\n", to: pmu + "/cpumask")
        for name in ["energy-pkg", "energy-psys"] {
            try directory.write("event=0x00\n", to: "\(pmu)/events/\(name)")
            try directory.write("3e-9\n", to: "\(pmu)/events/\(name).scale")
            try directory.write("Joules\n", to: "\(pmu)/events/\(name).unit")
        }
        try directory.write("0\n", to: "sys/devices/system/cpu/cpu0/topology/physical_package_id")
        try directory.write("0\n", to: "sys/devices/system/cpu/cpu0/topology/die_id")
        try directory.write("vendor_id : GenuineIntel\n", to: "proc/cpuinfo")
        var source = try PerfSource(
            paths: HostPaths(procfs: directory.path + "/proc", sysfs: directory.path + "/sys"))
        let usage = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 1)
        source.sample(at: Seconds(0))
        #expect(source.collect(usage, at: Seconds(0)).isEmpty)
        func readings() -> [ZoneReading] {
            source.sample(at: Seconds(1))
            return source.collect(usage, at: Seconds(1))
        }
        var last: [ZoneReading] = []
        var joules = 0.0
        #expect(
            eventually {
                last = readings()
                joules += last.first?.energy.joules ?? 0
                return joules > 0.3
            }, "the event does not count: \(joules) J")
        #expect(last.map(\.zone.name) == ["package-0", "psys"])
        #expect(last.map(\.zone.component) == [.package, .psys])
        #expect(source.health.errors == 0 && source.health.lastRead == Seconds(1))
    }
}
