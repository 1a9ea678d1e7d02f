import Attribution
import Linux
import MeteringTestSupport
import TestSupport
import Testing
import Units

@testable import Metering

/// Several sensors of one zone: the best that has a reading is used, and nothing is counted twice.
@Suite struct HwmonRankTests {
    /// A chip with its files in the device, as ACPI's driver has them; nil is a file that cannot be read.
    private struct Chip {
        let name: String
        var files: [String: String?]

        static func acpi(_ average: String?, _ text: String = "", interval: String = "1000") -> Chip {
            Chip(
                name: "power_meter",
                files: ["power1_average": average, "power1_average_interval": interval, "power1_oem_info": text])
        }

        static func supply(_ power: String?, chip: String = "pfe1100") -> Chip {
            Chip(name: chip, files: ["power1_input": power, "power1_label": "pin"])
        }

        static func socket(_ power: String?) -> Chip { Chip(name: "amd_hsmp_hwmon", files: ["power1_input": power]) }

        func measuring(_ device: String) -> Chip {
            var chip = self
            chip.files["measures/\(device)"] = ""
            return chip
        }
    }

    private func machine(_ chips: [Chip]) throws -> (TemporaryDirectory, HostPaths) {
        let directory = try TemporaryDirectory()
        for (index, chip) in chips.enumerated() {
            let place = "class/hwmon/hwmon\(index)/device/"
            try directory.write(chip.name + "\n", to: place + "name")
            for (file, text) in chip.files {
                // A directory in a file's place is an error of every reading.
                try directory.write((text ?? "") + "\n", to: place + file + (text == nil ? "/x" : ""))
            }
        }
        return (directory, HostPaths(sysfs: directory.path))
    }

    /// W by zone, after the base.
    private func read(_ chips: [Chip]) throws -> (power: [String: Double], health: SourceHealth) {
        let (directory, paths) = try machine(chips)
        let polling = ManualPolling()
        var source = try HwmonSource(paths: paths, polling: polling)
        polling.poll()
        let activity = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        source.sample(at: Seconds(0))
        #expect(source.collect(activity, at: Seconds(0)).isEmpty)
        source.sample(at: Seconds(1))
        let readings = source.collect(activity, at: Seconds(1)).map { ($0.zone.name, $0.energy.joules) }
        _ = directory
        return (Dictionary(uniqueKeysWithValues: readings), source.health)
    }

    @Test(arguments: ["4294967295000", "4294967295", "0", "-4000000", "90000000000", "junk", nil])
    func aMeterWithoutAReadingDoesNotHideTheNext(_ average: String?) throws {
        let supplies = [Chip.supply("120000000"), .supply("130000000")]
        let (power, health) = try read([.acpi(average)] + supplies)
        #expect(power == ["platform": 250] && health.errors == 0)
        #expect(health.remarks.contains { $0.hasPrefix("power_meter power1: ") && $0.contains("read instead") })
        #expect(try read([.acpi("263000000")] + supplies).power == ["platform": 263])
        // Nothing has a reading: unknown, and said.
        let (none, faults) = try read([.acpi(average), .supply(nil)])
        #expect(none.isEmpty && faults.errors > 0)
    }

    /// A sum without one of its sensors would be too low, and one value of nonsense is not added.
    @Test(arguments: ["25000000000000", "junk", nil]) func aSumNeedsAllOfItsSensors(_ other: String?) throws {
        #expect(try read([.supply("120000000"), .supply(other)]).power.isEmpty)
        #expect(try read([.supply("25000000000000"), .supply("-24999999000000")]).power.isEmpty)
        #expect(try read([.supply("120000000"), .supply("0")]).power == ["platform": 120])
        #expect(try read([.supply("120000000"), .supply("-2000000", chip: "cffps1")]).power == ["platform": 118])
    }

    @Test(arguments: ["0", nil]) func theRailsStandInForTheirTotal(_ total: String?) throws {
        let chips = [
            Chip.acpi("500000000", "Module Power Socket 0"), .acpi(total, "Grace Power Socket 0"),
            .acpi("100000000", "CPU Power Socket 0"), .acpi("30000000", "SysIO Power Socket 0"),
        ]
        #expect(try read(chips).power == ["platform": 500, "package-0": 130])
    }

    /// A counter that stands still is no reading: the sensor of the same socket is used until it moves again.
    @Test func aCounterThatStandsStillIsNone() throws {
        let (directory, paths) = try machine([
            Chip(name: "amd_energy", files: ["energy1_input": "5000000", "energy1_label": "Esocket0"]),
            .socket("90000000"),
        ])
        let polling = ManualPolling()
        var source = try HwmonSource(paths: paths, polling: polling)
        let activity = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        var counter = 5_000_000
        func tick(_ second: Int) -> ZoneReading? {
            polling.poll()
            source.sample(at: Seconds(Double(second)))
            return source.collect(activity, at: Seconds(Double(second))).first
        }
        for second in 0..<5 { _ = tick(second) }
        for second in 5..<20 {
            let reading = try #require(tick(second))
            if second > 6 { #expect(reading.total == Microjoules(90_000_000) && reading.zone.method == .sampled) }
        }
        #expect(source.stillZones.isEmpty && source.health.events["still"] == 1)
        var sum = 0.0
        for second in 20..<30 {
            // What it counted while it stood was given by the other.
            counter += second == 20 ? 1_400_000_000 : 70_000_000
            try directory.write("\(counter)\n", to: "class/hwmon/hwmon0/device/energy1_input")
            sum += try #require(tick(second)).total.joules
        }
        #expect(sum >= 690 && sum <= 800, "\(sum)")
        #expect(source.zones.map(\.name) == ["package-0"])
    }

    /// ACPI's unknown interval is not a minute, and a slow sensor is not another one's interval.
    @Test func anIntervalIsItsOwnSensors() throws {
        let (directory, paths) = try machine([
            .acpi("263000000", interval: "4294967295"), .socket("90000000"),
            .acpi("30000000", "CPU Power Socket 1", interval: "30000"),
        ])
        let sensors = try findHwmonSensors(sysfs: paths.sysfs).used
        #expect(sensors.map(\.interval) == [1, 1, 30])
        let polling = ManualPolling()
        let source = try HwmonSource(paths: paths, polling: polling)
        #expect(polling.intervals == [Seconds(1), Seconds(30)] && source.interval == Seconds(30))
        _ = directory
    }

    /// Meters without a name may all be the node's.
    @Test func metersWithoutANameAreNotAddedUp() throws {
        let two = [Chip.acpi("300000000"), .acpi("301000000")]
        let (power, health) = try read(two)
        #expect(power == ["platform": 300])
        #expect(health.remarks.contains { $0.contains("power_meter power1 of hwmon1") })
        #expect(try read(two.map { $0.measuring("LNXSYBUS:00") }).power == ["platform": 300])
        #expect(try read([two[0].measuring("node0"), two[1].measuring("node1")]).power == ["platform": 601])
        for broken in ["4294967295000", "0", nil] {
            #expect(try read([.acpi("300000000"), .acpi(broken)]).power == ["platform": 300])
            #expect(try read([.acpi(broken), .acpi("300000000")]).power == ["platform": 300])
        }
    }

    @Test(arguments: ["Intel(R) Corporation", "N/A", "None", "0", "  ", "To Be Filled By O.E.M.", "Total System Power"])
    func aTextThatNamesNoPartIsTheNode(_ text: String) throws {
        #expect(try read([.acpi("263000000", text)]).power == ["platform": 263])
        // Anything else is recognised by its text.
        #expect(try read([.acpi("263000000", text), .acpi("9000000", "DIMM Group 2")]).power == ["platform": 263])
    }

    @Test(arguments: [
        ["GPU0 Power"], ["DRAM Power Socket 0"], ["Enclosure"], ["PSU1 Input"], ["Sled A", "Sled B"],
        ["Left", "Right"],
    ])
    func aTextThatNamesSomethingElseIsNot(_ texts: [String]) throws {
        let (directory, paths) = try machine(texts.map { .acpi("263000000", $0) })
        let error = #expect(throws: Diagnosis.self) { try HwmonSource(paths: paths, polling: ManualPolling()) }
        for text in texts { #expect(error?.finding.contains("(\(text)): it is unknown what it measures") == true) }
        _ = directory
    }

    /// Only the second of a TX2's chips has a rail of the CPUs.
    @Test func aSocketIsNotTheNumberOfAnyChip() throws {
        func chip(_ rails: [String]) -> Chip {
            var files: [String: String] = [:]
            for (index, rail) in rails.enumerated() {
                files["in\(index + 1)_label"] = rail
                files["in\(index + 1)_input"] = "19000"
                files["curr\(index + 1)_input"] = "\((index + 1) * 20)"
            }
            return Chip(name: "ina3221", files: files)
        }
        let power = try read([chip(["VDD_SYS_GPU", "VDD_SYS_SOC"]), chip(["VDD_SYS_CPU", "VDD_IN"])]).power
        #expect(power == ["platform": 0.76, "package-0": 0.38])
    }

    @Test(arguments: ["0", "N/A", "4294967295", nil]) func aMomentaryValueStandsInForAnAverage(_ average: String?)
        throws
    {
        let files = ["power1_average": average, "power1_input": "60000000"]
        #expect(try read([Chip(name: "fam15h_power", files: files)]).power == ["package-0": 60])
        let better = ["power1_average": "55000000", "power1_input": "60000000"]
        #expect(try read([Chip(name: "fam15h_power", files: better)]).power == ["package-0": 55])
    }

    @Test func moreChipsAreKnown() throws {
        for chip in ["dps460", "dps650ab", "dps800"] {
            #expect(try read([.supply("120000000", chip: chip)]).power == ["platform": 120])
        }
        let (directory, paths) = try machine([
            Chip(name: "ltc4151", files: ["curr1_input": "1000", "in1_input": "12000"]),
            Chip(
                name: "ibmpowernv",
                files: [
                    "power1_input": "0", "power1_label": "System", "power2_input": "150000000",
                    "power2_label": "Chip 0 ",
                    "energy1_input": "12345", "energy1_label": "Chip 0 ",
                ]),
        ])
        let sensors = try findHwmonSensors(sysfs: paths.sysfs)
        #expect(sensors.others == ["ltc4151 curr1: it is unknown what it measures"])
        #expect(sensors.used.count == 2 && sensors.reserve.count == 1)
        #expect(sensors.known.map(\.quantity).filter { $0 == .energy }.count == 1)
        _ = directory
    }

    /// One sensor that fails at once says nothing about the others, whose first reading takes a window.
    @Test func anErrorSettlesNothingYet() throws {
        let (directory, paths) = try machine([.socket("90000000"), .socket("junk")])
        let polling = ManualPolling()
        var bench = MeterBench(paths, polling: polling) { $0.sources = [.hwmon] }
        polling.poll()
        bench.tick()
        #expect(!bench.meters.isSettled && bench.meters.meters[0].source?.health.errors == 1)
        bench.tick()
        #expect(bench.meters.isSettled && bench.meters.meters[0].readings.map(\.zone.name) == ["package-0"])
        let (other, none) = try machine([.socket("junk")])
        bench = MeterBench(none, polling: polling) { $0.sources = [.hwmon] }
        polling.poll()
        for _ in 0..<2 { bench.tick() }
        #expect(!bench.meters.isSettled)
        for _ in 0..<2 { bench.tick() }
        #expect(bench.meters.isSettled)
        _ = (directory, other)
    }
}
