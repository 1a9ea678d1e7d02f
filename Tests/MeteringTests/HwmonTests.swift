import Attribution
import Linux
import MeteringTestSupport
import TestSupport
import Testing
import Units

@testable import Metering

/// One window of one second that ends at `now`.
private func tick(_ source: inout some PowerSource, at now: Double, length: Double = 1) -> [String: ZoneReading] {
    source.sample(at: Seconds(now))
    let activity = NodeUsage(duration: Seconds(length), busy: Seconds(1), cpuCount: 2)
    return Dictionary(uniqueKeysWithValues: source.collect(activity, at: Seconds(now)).map { ($0.zone.name, $0) })
}

@Suite struct HwmonTests {
    private func machine(_ files: [String: String]) throws -> (TemporaryDirectory, HostPaths) {
        let directory = try TemporaryDirectory()
        for (file, text) in files { try directory.write(text + "\n", to: "class/hwmon/" + file) }
        return (directory, HostPaths(sysfs: directory.path))
    }

    /// The second window: the first one is the base.
    private func firstReading(_ paths: HostPaths) throws -> [String: ZoneReading] {
        let polling = ManualPolling()
        var source = try HwmonSource(paths: paths, polling: polling)
        polling.poll()
        #expect(tick(&source, at: 0).isEmpty)
        return tick(&source, at: 1)
    }

    @Test func anACPIMeterIsTheNode() throws {
        let (directory, paths) = try machine([
            "hwmon0/name": "coretemp", "hwmon0/temp1_input": "40000",
            "hwmon1/name": "power_meter", "hwmon1/power1_average": "245000000",
            "hwmon1/power1_average_interval": "1000",
        ])
        let reading = try #require(firstReading(paths)["platform"])
        #expect(reading.energy == Microjoules(245_000_000))
        #expect(reading.zone.component == .platform && reading.zone.method == .sampled)
        _ = directory
    }

    @Test func gracesMetersAreDistinguishedByTheirNames() throws {
        var files: [String: String] = [:]
        for socket in 0...1 {
            for (index, meter) in ["Module Power", "Grace Power", "CPU Power", "SysIO Power"].enumerated() {
                var chip = "hwmon\(socket * 4 + index)"
                files["\(chip)/name"] = "power_meter"
                // As drivers have it that register the old way.
                chip += "/device"
                files["\(chip)/power1_average"] = "\([300, 120, 100, 8][index] * 1_000_000)"
                files["\(chip)/power1_oem_info"] = "\(meter) Socket \(socket)"
            }
        }
        let (directory, paths) = try machine(files)
        let readings = try firstReading(paths)
        #expect(readings.keys.sorted() == ["package-0", "package-1", "platform"])
        #expect(readings["platform"]?.energy == Microjoules(600_000_000))
        // The socket's total, not the rail inside it.
        #expect(readings["package-1"]?.energy == Microjoules(120_000_000))
        _ = directory
    }

    /// ACPI meters of one Grace socket by their firmware's names, W, and the power of the package.
    @Test(
        arguments: [
            (["TH500 Power": 150, "CPU Power": 125.5], 150),
            (["Grace Power": 150, "CPU Power": 125.5, "SysIO Power": 9.5], 150),
            // Without a total, what there is of its rails.
            (["CPU Power": 125.5, "SysIO Power": 9.5], 135), (["CPU Power": 125.5], 125.5),
        ] as [([String: Double], Double)])
    func aSocketIsItsTotal(_ meters: [String: Double], _ watts: Double) throws {
        var files: [String: String] = [:]
        for (index, meter) in meters.sorted(by: { $0.key < $1.key }).enumerated() {
            files["hwmon\(index)/name"] = "power_meter"
            files["hwmon\(index)/device/power1_average"] = "\(UInt64(meter.value * 1e6))"
            files["hwmon\(index)/device/power1_oem_info"] = "\(meter.key) Socket 0"
        }
        let (directory, paths) = try machine(files)
        let readings = try firstReading(paths)
        #expect(readings.mapValues(\.energy) == ["package-0": Microjoules(joules: watts)])
        let sensors = try findHwmonSensors(sysfs: directory.path)
        #expect(sensors.used.count + sensors.reserve.count == meters.count)
        if meters.count == 2, watts == 150 {
            #expect(
                sensors.reserve == [
                    "power_meter power1 (CPU Power Socket 0): power_meter power1 (TH500 Power Socket 0) measures this too"
                ])
        }
    }

    /// A Jetson's module input by voltage and current; rails inside it are told and not added.
    @Test func voltageTimesCurrent() throws {
        let (directory, paths) = try machine([
            "hwmon0/name": "ina3221", "hwmon0/in1_label": "VDD_IN", "hwmon0/in1_input": "19072",
            "hwmon0/curr1_input": "512", "hwmon0/in2_label": "VDD_CPU_GPU_CV", "hwmon0/in2_input": "19072",
            "hwmon0/curr2_input": "-8", "hwmon0/curr4_input": "700", "hwmon0/in7_label": "sum of shunt voltages",
        ])
        let readings = try firstReading(paths)
        #expect(readings.mapValues(\.energy) == ["platform": Microjoules(9_764_864)])
        let sensors = try findHwmonSensors(sysfs: directory.path)
        #expect(sensors.others == ["ina3221 curr2 (VDD_CPU_GPU_CV): it is unknown what it measures"])
    }

    /// What power supplies draw is the node; what they deliver, and what regulators draw, is not.
    @Test func powerSuppliesAreTheInlet() throws {
        var files: [String: String] = [:]
        for (index, watts) in [150, 162].enumerated() {
            files["hwmon\(index)/name"] = "pfe1100"
            files["hwmon\(index)/power1_input"] = "\(watts * 1_000_000)"
            files["hwmon\(index)/power1_label"] = "pin"
            files["hwmon\(index)/power2_input"] = "\((watts - 12) * 1_000_000)"
            files["hwmon\(index)/power2_label"] = "pout1"
        }
        files["hwmon2/name"] = "mp2975"
        files["hwmon2/power1_input"] = "90000000"
        files["hwmon2/power1_label"] = "pin"
        let (directory, paths) = try machine(files)
        #expect(try firstReading(paths).mapValues(\.energy) == ["platform": Microjoules(312_000_000)])
        let others = try findHwmonSensors(sysfs: directory.path).others
        #expect(others.count == 3 && others.filter { $0.contains("pout1") && $0.contains("output") }.count == 2)
        #expect(others.last?.hasPrefix("mp2975 power1 (pin): ") == true)
    }

    /// Of two meters of the whole node one is used, and the other is told.
    @Test func theNodeIsNotCountedTwice() throws {
        let (directory, paths) = try machine([
            "hwmon0/name": "power_meter", "hwmon0/power1_average": "245000000",
            "hwmon1/name": "pfe1100", "hwmon1/power1_input": "250000000", "hwmon1/power1_label": "pin",
        ])
        #expect(try firstReading(paths).mapValues(\.energy) == ["platform": Microjoules(245_000_000)])
        #expect(
            try findHwmonSensors(sysfs: directory.path).reserve
                == ["pfe1100 power1 (pin): power_meter power1 measures this too"])
    }

    /// A rail's offset may be below zero; a node that feeds the mains is no reading.
    @Test func signedValuesAreRead() throws {
        var files = ["hwmon0/name": "smpro_hwmon"]
        for (number, rail, power) in [(1, "power1 CORE VRD", 60_000_000), (2, "power2 SoC", -250_000)] {
            files["hwmon0/power\(number)_label"] = rail
            files["hwmon0/power\(number)_input"] = "\(power)"
        }
        let (directory, paths) = try machine(files)
        #expect(try firstReading(paths)["package-0"]?.energy == Microjoules(59_750_000))
        try directory.write("power_meter\n", to: "class/hwmon/hwmon1/name")
        try directory.write("-150000000\n", to: "class/hwmon/hwmon1/power1_average")
        let polling = ManualPolling()
        var source = try HwmonSource(paths: paths, polling: polling)
        polling.poll()
        _ = tick(&source, at: 0)
        #expect(tick(&source, at: 1).keys.sorted() == ["package-0"])
        #expect(source.health.events["implausible"] == 1 && source.health.lastError?.contains("-150.0 W") == true)
    }

    @Test func theRailsOfAProcessorAddUp() throws {
        var files = ["hwmon0/name": "smpro_hwmon"]
        let rails = ["CORE VRD": 60, "SoC": 25, "DIMM VRD1": 8, "DIMM VRD2": 7, "RCA VRD": 5]
        for (index, rail) in ["CORE VRD", "SoC", "DIMM VRD1", "DIMM VRD2", "RCA VRD"].enumerated() {
            files["hwmon0/power\(index + 1)_label"] = "power\(index + 1) \(rail)"
            files["hwmon0/power\(index + 1)_input"] = "\((rails[rail] ?? 0) * 1_000_000)"
        }
        let (directory, paths) = try machine(files)
        let readings = try firstReading(paths)
        #expect(
            readings.mapValues(\.energy) == ["package-0": Microjoules(90_000_000), "dram-0": Microjoules(15_000_000)])
        _ = directory
    }

    @Test func socketCountersAreCountedAndCoresAreNot() throws {
        let (directory, paths) = try machine([
            "hwmon2/name": "amd_energy", "hwmon2/energy1_input": "5", "hwmon2/energy1_label": "Ecore000",
            "hwmon2/energy65_input": "1000", "hwmon2/energy65_label": "Esocket0",
            "hwmon3/name": "ina219", "hwmon3/power1_input": "9000000",
        ])
        var source = try HwmonSource(paths: paths)
        #expect(source.health.remarks.first?.contains("ina219 power1") == true)
        _ = tick(&source, at: 0)
        try directory.write("30001000\n", to: "class/hwmon/hwmon2/energy65_input")
        let readings = tick(&source, at: 1)
        #expect(readings.keys.sorted() == ["package-0"])
        #expect(readings["package-0"]?.energy == Microjoules(30_000_000))
    }

    @Test func theSentinelIsNoReading() throws {
        let (directory, paths) = try machine(["hwmon0/name": "power_meter", "hwmon0/power1_average": "4294967295"])
        let polling = ManualPolling()
        var source = try HwmonSource(paths: paths, polling: polling)
        polling.poll()
        for second in 0..<3 { #expect(tick(&source, at: Double(second)).isEmpty) }
        #expect(source.health.errors > 0 && source.health.lastError?.contains("no reading") == true)
        _ = directory
    }

    @Test func sensorsOfUnknownExtentAreNamedButNotUsed() throws {
        let (directory, paths) = try machine(["hwmon0/name": "ina219", "hwmon0/power1_input": "9000000"])
        let error = #expect(throws: Diagnosis.self) { try HwmonSource(paths: paths) }
        #expect(error?.code == .missing && error?.finding.contains("ina219") == true)
        _ = directory
    }
}
