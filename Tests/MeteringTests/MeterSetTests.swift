import Attribution
import Linux
import TestSupport
import Testing
import Units

@testable import Metering

@Suite struct MeterSetTests {
    @Test func theNodeIsItsWidestMeterAndNothingIsCountedTwice() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:0:1", name: "core")
        try host.rapl.add("intel-rapl:1", name: "psys")
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        var bench = MeterBench(host.paths)
        for _ in 0..<5 {
            try host.draw("intel-rapl:0", microjoules: 30_000_000)
            try host.draw("intel-rapl-mmio:0", microjoules: 30_000_000)
            try host.draw("intel-rapl:0:0", microjoules: 5_000_000)
            try host.draw("intel-rapl:0:1", microjoules: 20_000_000)
            try host.draw("intel-rapl:1", microjoules: 50_000_000)
            #expect(bench.tick() == ["package-0": 30_000_000, "dram-0": 5_000_000, "platform": 15_000_000])
        }
        #expect(abs(bench.meters.totalPower.value - 50) < 1e-9)
        #expect(bench.zone("platform")?.method == .remainder && bench.zone("platform")?.source == "rapl")
        #expect(bench.meters.nodeMeter?.name == "psys")
    }

    @Test func aMeterAtTheInletIsWiderThanPsysAndSlowOnesKeepUp() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:1", name: "psys")
        let bmc = PowerMailbox()
        var bench = MeterBench(host.paths) { $0.redfish = (bmc, 10) }
        var shown = 0.0
        for second in 1...60 {
            let package = second % 2 == 0 ? 100.0 : 280
            try host.draw("intel-rapl:0", microjoules: UInt64(package * 1e6))
            try host.draw("intel-rapl:1", microjoules: UInt64(package * 1e6) + 10_000_000)
            // Every ten seconds what the node draws in the mean.
            if second % 10 == 1 { bmc.post([.platform: Watts(230)]) }
            let energy = bench.tick()
            if second > 1 { shown += Double(energy.values.reduce(0, +)) / 1e6 }
        }
        // The node is what the BMC reports, though the package was above and below its mean all the time.
        #expect(abs(shown - 59 * 230) < 100, "\(shown) J")
        #expect(bench.meters.nodeMeter?.name == "platform" && bench.meters.nodeMeter?.source == "redfish")
        let source = try #require(bench.meters.states.first { $0.name == "redfish" })
        #expect(source.isUp && source.interval == Seconds(10) && source.reads == 6)
        // It stops reporting: the difference between psys and the parts remains.
        for _ in 0..<40 {
            try host.draw("intel-rapl:1", microjoules: 10_000_000)
            bench.tick()
        }
        #expect(bench.meters.nodeMeter?.source == "rapl")
        #expect(bench.meters.states.first { $0.name == "redfish" }?.isUp == false)
    }

    /// A meter of the node that comes back after a failure includes the time of the gap: its parts were counted already.
    @Test func aWideMeterThatComesBackCountsItsPartsOnce() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:1", name: "psys")
        var bench = MeterBench(host.paths)
        var psys: UInt64 = 0
        for second in 0..<12 {
            try host.draw("intel-rapl:0", microjoules: 30_000_000)
            psys += 50_000_000
            if (3..<8).contains(second) { host.rapl.makeUnreadable("intel-rapl:1") }
            if second == 8 { try host.rapl.makeReadable("intel-rapl:1", psys) }
            if !(3...8).contains(second) { try host.rapl.set("intel-rapl:1", psys) }
            bench.tick()
            #expect(bench.meters.totalPower.value <= 51, "second \(second)")
        }
        #expect(bench.total == psys)
    }

    @Test func aLostMeterIsReplacedAndComesBackWithoutCountingTwice() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0", energy: 77)
        var bench = MeterBench(host.paths)
        func run(_ seconds: Int, _ bench: inout MeterBench) throws {
            for _ in 0..<seconds {
                try host.draw("intel-rapl:0", microjoules: 40_000_000)
                try host.draw("intel-rapl-mmio:0", microjoules: 40_000_000)
                let before = bench.total
                bench.tick()
                #expect(bench.total >= before)
            }
        }
        try run(3, &bench)
        #expect(bench.zone("package-0")?.source == "rapl")
        host.rapl.makeUnreadable("intel-rapl:0")
        for _ in 0..<3 {
            try host.draw("intel-rapl-mmio:0", microjoules: 40_000_000)
            bench.tick()
        }
        #expect(bench.zone("package-0")?.source == "rapl-mmio")
        #expect(bench.total == 6 * 40_000_000)
        try host.rapl.makeReadable("intel-rapl:0", 6 * 40_000_000)
        try run(2, &bench)
        #expect(bench.zone("package-0")?.source == "rapl")
        // The window in which it came back may have its mean over the gap.
        #expect(abs(Int64(bench.total) - 8 * 40_000_000) <= 40_000_000)
    }

    /// The estimate steps in for a meter that stays away, and is not added to what the meter counted meanwhile.
    @Test func theEstimateStandsInForALostMeter() throws {
        let host = try FakeMachine()
        var bench = MeterBench(host.paths)
        for _ in 0..<3 {
            try host.draw("intel-rapl:0", microjoules: 40_000_000)
            bench.tick()
        }
        host.rapl.remove("intel-rapl:0")
        for _ in 0..<5 { #expect(bench.tick().isEmpty) }
        for _ in 0..<20 { bench.tick() }
        let estimated = try #require(bench.zone("package"))
        #expect(estimated.quality == .estimated)
        #expect(bench.meters.notices.contains { $0.contains("estimated") })
        let before = bench.total
        try host.rapl.add("intel-rapl:0", name: "package-0", energy: 3 * 40_000_000 + 25 * 40_000_000)
        for _ in 0..<2 { bench.tick() }
        #expect(bench.zone("package-0")?.source == "rapl")
        #expect(!bench.meters.notices.contains { $0.contains("estimated") })
        // Of the gap of 25 s, the ten seconds before the estimate came in are the meter's, and the window itself.
        let added = Double(bench.total - before) / 1e6
        #expect(added > 8 * 40 && added < 12 * 40, "\(added) J")
    }

    @Test func aMeterThatComesLaterIsFound() throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0")
        var bench = MeterBench(host.paths)
        bench.tick()
        #expect(bench.tick().keys.sorted() == ["package"])
        try host.rapl.add("intel-rapl:0", name: "package-0")
        for _ in 0..<70 {
            try host.draw("intel-rapl:0", microjoules: 8_000_000)
            bench.tick()
        }
        try host.draw("intel-rapl:0", microjoules: 8_000_000)
        #expect(bench.tick() == ["package-0": 8_000_000])
    }

    @Test func twoInterfacesToOneCounterAreCompared() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        host.rapl.remove("intel-rapl:0:0")
        var bench = MeterBench(host.paths)
        func run(_ one: UInt64, _ other: UInt64) throws {
            for _ in 0..<25 {
                try host.draw("intel-rapl:0", microjoules: one)
                try host.draw("intel-rapl-mmio:0", microjoules: other)
                bench.tick()
            }
        }
        try run(20_000_000, 20_100_000)
        #expect(bench.meters.crossChecks().map(\.agrees) == [true] && bench.meters.notices.isEmpty)
        try run(20_000_000, 40_000_000)
        let check = try #require(bench.meters.crossChecks().first)
        #expect(!check.agrees && abs(check.ratio - 2) < 1e-9)
        #expect(bench.meters.notices.contains { $0.contains("rapl-mmio reports 2.0 times") })
        #expect(bench.zone("package-0")?.source == "rapl")
        // A frozen counter is not used.
        try run(0, 20_000_000)
        #expect(bench.zone("package-0")?.source == "rapl-mmio")
        try run(20_000_000, 20_000_000)
        #expect(bench.zone("package-0")?.source == "rapl" && bench.meters.notices.isEmpty)
    }

    @Test func withOnlyABMCTheEstimateDividesWhatItMeasures() throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0")
        let bmc = PowerMailbox()
        var bench = MeterBench(host.paths) { $0.redfish = (bmc, 5) }
        for watts in [120.0, 120, 120, 3, 3] {
            bmc.post([.platform: Watts(watts)])
            bench.tick()
        }
        let last = bench.tick()
        // The meter shows less than the estimate: the estimate is scaled down.
        #expect(last.values.reduce(0, +) == 3_000_000 && last["package"] ?? 0 > 0)
        #expect(bench.zone("platform")?.quality == .estimated && bench.meters.nodeMeter?.quality == .measured)
        #expect(bench.meters.notices.isEmpty)
    }

    @Test func theOrderIsTheUsers() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        var bench = MeterBench(host.paths) {
            $0.sources = [.mmio, .rapl, .ipmi]
            $0.isExplicit = true
        }
        bench.tick()
        #expect(bench.zone("package-0")?.source == "rapl-mmio")
        #expect(bench.zone("dram-0")?.source == "rapl")
        #expect(bench.meters.states.first { $0.name == "ipmi" }?.isUp == false)
        #expect(bench.meters.notices.contains { $0.contains("ipmi") })
        var none = MeterBench(try TemporaryHost().paths) {
            $0.sources = [.rapl]
            $0.isExplicit = true
        }
        #expect(none.tick().isEmpty && none.meters.notices.contains { $0.contains("power is unknown") })
    }

    /// Whatever the meters report, and whenever they fail: totals never fall, power is finite and never negative.
    @Test(arguments: [1, 2, 3, 6] as [UInt64]) func fuzz(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let host = try FakeMachine()
        for (zone, name) in [
            ("intel-rapl:1", "psys"), ("intel-rapl-mmio:0", "package-0"), ("intel-rapl:2", "package-1"),
        ] {
            try host.rapl.add(zone, name: name)
        }
        let bmc = PowerMailbox()
        var bench = MeterBench(host.paths) { $0.redfish = (bmc, 2) }
        let zones = ["intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl-mmio:0", "intel-rapl:2"]
        var before: [UInt64] = []
        for _ in 0..<200 {
            let zone = try #require(zones.randomElement(using: &generator))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0:
                try? host.rapl.setRaw(
                    zone, ["", "junk", "-1", "1e9", "18446744073709551616"].randomElement(using: &generator) ?? "")
            case 1: host.rapl.makeUnreadable(zone)
            case 2: try? host.rapl.makeReadable(zone, .random(in: 0...FakeRAPL.usualRange, using: &generator))
            case 3: bmc.post([.platform: Watts([.nan, -1, 0, 1e9, 250].randomElement(using: &generator) ?? 0)])
            case 4: bmc.post([.platform: Watts(.random(in: 1...900, using: &generator))])
            default:
                for zone in zones { try? host.draw(zone, microjoules: .random(in: 0...200_000_000, using: &generator)) }
            }
            bench.tick(.random(in: 0.1...9, using: &generator))
            let energy = bench.meters.zones.map(\.energy.count)
            for (old, new) in zip(before, energy) { #expect(new >= old) }
            before = energy
            for watts in bench.meters.zones.compactMap(\.power?.value) {
                #expect(watts.isFinite && watts >= 0 && watts < 60_000)
            }
            let power = bench.meters.totalPower.value
            #expect(power.isFinite && power >= 0)
        }
        #expect(before.count >= 4, "too tame: \(bench.meters.zoneNames)")
    }
}

/// A machine with nothing in it.
private struct TemporaryHost {
    let directory: TemporaryDirectory
    var paths: HostPaths {
        HostPaths(
            procfs: directory.path, sysfs: directory.path, cgroupfs: directory.path, devfs: directory.path)
    }

    init() throws {
        directory = try TemporaryDirectory()
    }
}
