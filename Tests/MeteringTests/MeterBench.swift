import Attribution
import Linux
import Logging
import Metering
import MeteringTestSupport
import TestSupport
import Units

/// A machine with a RAPL tree and nothing else, made of files.
final class FakeMachine {
    private let directory: TemporaryDirectory
    let rapl: FakeRAPL
    /// By zone directory, uJ, before wraps.
    private(set) var energy: [String: UInt64] = [:]

    init() throws {
        directory = try TemporaryDirectory()
        rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0")
        try rapl.add("intel-rapl:0:0", name: "dram")
        try directory.write(
            "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\nstepping : 4\nmodel name : Fake CPU\n",
            to: "proc/cpuinfo")
    }

    var paths: HostPaths {
        HostPaths(procfs: directory.path + "/proc", sysfs: rapl.sysfs, devfs: directory.path + "/dev")
    }

    /// Lets the counter of a zone grow.
    func draw(_ zone: String, microjoules: UInt64) throws {
        energy[zone, default: 0] += microjoules
        try rapl.set(zone, energy[zone, default: 0] % FakeRAPL.usualRange)
    }
}

/// The meters of a fake machine, in the test's own time.
struct MeterBench {
    var meters: MeterSet
    var now = 0.0

    init(
        _ paths: HostPaths, polling: any Polling = ManualPolling(),
        _ configure: (inout PowerConfiguration) -> Void = { _ in }
    ) {
        var configuration = PowerConfiguration()
        configure(&configuration)
        self.init(
            MeterSet(
                configuration, paths: paths,
                fallback: PowerFallback(
                    paths: paths, estimates: configuration.sources.contains(.estimate), modelPath: nil),
                polling: polling, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    init(_ meters: MeterSet) {
        self.meters = meters
        _ = tick(0)
    }

    /// One window; energy by zone, uJ.
    @discardableResult
    mutating func tick(_ seconds: Double = 1) -> [String: UInt64] {
        now += seconds
        meters.sample(at: Seconds(now))
        let usage = NodeUsage(duration: Seconds(seconds), busy: Seconds(seconds / 2), cpuCount: 2)
        let readings = meters.collect(usage, at: Seconds(now))
        return Dictionary(uniqueKeysWithValues: readings.map { ($0.reading.zone.name, $0.reading.total.count) })
    }

    /// Energy of all zones since the start, uJ.
    var total: UInt64 { meters.zones.reduce(0) { $0 + $1.energy.count } }
    func zone(_ name: String) -> Zone? { meters.zones.first { $0.zone.name == name }?.zone }
}
