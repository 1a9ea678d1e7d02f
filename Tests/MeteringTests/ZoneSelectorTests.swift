import Attribution
import TestSupport
import Testing
import Units

@testable import Metering

/// Which source's zones are used where none has all of them.
@Suite struct ZoneSelectorTests {
    /// One tick in which every counter of `zones` grows by ten joules.
    private func run(_ bench: inout MeterBench, _ host: FakeMachine, _ zones: [String]) throws -> [String: UInt64] {
        for zone in zones { try host.draw(zone, microjoules: 10_000_000) }
        return bench.tick()
    }

    @Test func oneLostZoneIsLentByAnotherSourceThatAddsNoneOfItsOwn() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:2", name: "package-1")
        for package in 0...2 { try host.rapl.add("intel-rapl-mmio:\(package)", name: "package-\(package)") }
        var bench = MeterBench(host.paths)
        bench.tick()
        host.rapl.makeUnreadable("intel-rapl:2")
        for _ in 0..<3 {
            let zones = ["intel-rapl:0"] + (0...2).map { "intel-rapl-mmio:\($0)" }
            // The machine does not list a third socket.
            #expect(
                try run(&bench, host, zones) == ["package-0": 10_000_000, "package-1": 10_000_000, "dram-0": 0])
        }
        #expect(bench.zone("package-0")?.source == "rapl" && bench.zone("package-1")?.source == "rapl-mmio")
        #expect(bench.meters.states.filter(\.isInUse).map(\.name) == ["rapl", "rapl-mmio"])
    }

    /// The zone is there and has never been read: it is lent until it is, and then counted once.
    @Test func aZoneThatWasNeverReadIsLent() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:1", name: "package-1")
        for package in 0...1 { try host.rapl.add("intel-rapl-mmio:\(package)", name: "package-\(package)") }
        host.rapl.makeUnreadable("intel-rapl:1")
        var bench = MeterBench(host.paths)
        let zones = ["intel-rapl:0", "intel-rapl:0:0", "intel-rapl-mmio:0", "intel-rapl-mmio:1"]
        let whole = ["package-0", "package-1", "dram-0"].reduce(into: [:]) { $0[$1] = UInt64(10_000_000) }
        for _ in 0..<3 { #expect(try run(&bench, host, zones) == whole) }
        #expect(bench.zone("package-1")?.source == "rapl-mmio")
        try host.rapl.makeReadable("intel-rapl:1", 123_000_000_000)
        // The tick of its base is still the other's.
        #expect(try run(&bench, host, zones) == whole)
        #expect(bench.zone("package-1")?.source == "rapl-mmio")
        try host.rapl.set("intel-rapl:1", 123_010_000_000)
        #expect(try run(&bench, host, zones) == whole)
        #expect(bench.zone("package-1")?.source == "rapl")
        #expect(bench.total == 5 * 30_000_000)
    }

    /// What the preferred source does not have at all: its memory, and a socket that the machine does have.
    @Test func whatTheFirstSourceLacksComesFromTheSecond() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:1", name: "package-1")
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        try host.rapl.setSockets([0, 0, 1, 1])
        var bench = MeterBench(host.paths) { $0.sources = [.mmio, .rapl] }
        let zones = ["intel-rapl-mmio:0", "intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1"]
        for _ in 0..<3 {
            #expect(
                try run(&bench, host, zones)
                    == ["package-0": 10_000_000, "package-1": 10_000_000, "dram-0": 10_000_000])
        }
        #expect(["package-0", "package-1", "dram-0"].map { bench.zone($0)?.source } == ["rapl-mmio", "rapl", "rapl"])
    }

    /// A source that divides a socket differently: never both, neither while one fails nor when it is back.
    @Test(arguments: [true, false]) func oneSocketUnderTwoNamesIsCountedOnce(_ isDividedFirst: Bool) throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0")
        let divided = isDividedFirst ? "intel-rapl" : "intel-rapl-mmio"
        let other = isDividedFirst ? "intel-rapl-mmio" : "intel-rapl"
        for die in 0...1 {
            try host.rapl.add("\(divided):\(die)", name: "package-0-die-\(die)", energy: UInt64(die) * 1_000_000_000)
        }
        try host.rapl.add("\(other):0", name: "package-0")
        try host.rapl.setSockets([0, 0])
        var bench = MeterBench(host.paths)
        var ticks: UInt64 = 0
        func run(_ count: Int) throws {
            for _ in 0..<count {
                ticks += 1
                for die in 0...1 {
                    try? host.rapl.set("\(divided):\(die)", UInt64(die) * 1_000_000_000 + ticks * 5_000_000)
                }
                try? host.rapl.set("\(other):0", ticks * 10_000_000)
                bench.tick()
                #expect(bench.total <= ticks * 10_000_000, "tick \(ticks)")
            }
        }
        try run(3)
        #expect(bench.total == 30_000_000)
        let first = isDividedFirst ? ["\(divided):0", "\(divided):1"] : ["\(other):0"]
        for zone in first { host.rapl.makeUnreadable(zone) }
        try run(6)
        #expect(bench.total == 90_000_000)
        for zone in first { try host.rapl.makeReadable(zone, zone == "\(divided):1" ? 1_000_000_000 : 0) }
        try run(3)
        // The one tick in which both were read is due to either.
        #expect(bench.total >= 110_000_000)
        #expect(bench.meters.zones.filter { $0.zone.name.hasPrefix("package") }.count == 3)
    }

    /// A counter that the first source knows to be a duplicate is not taken from another source instead.
    @Test func aDieThatTheFirstSourceKnowsToBeAMirrorIsNotLent() throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0")
        for die in 0...1 {
            try host.rapl.add("intel-rapl:\(die)", name: "package-0-die-\(die)")
            try host.rapl.add("intel-rapl-mmio:\(die)", name: "package-0-die-\(die)", energy: UInt64(die) * 1000)
        }
        try host.rapl.setSockets([0, 0])
        var bench = MeterBench(host.paths)
        for _ in 0..<3 {
            try host.draw("intel-rapl:0", microjoules: 10_000_000)
            try host.draw("intel-rapl:1", microjoules: 10_000_000)
            for die in 0...1 {
                try host.rapl.set(
                    "intel-rapl-mmio:\(die)", UInt64(die) * 1000 + host.energy["intel-rapl:0", default: 0])
            }
            #expect(bench.tick() == ["package-0-die-0": 10_000_000])
        }
    }

    /// What another counter of the same zone gave is not lost.
    @Test func whatASecondCounterGaveIsNotLost() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        var bench = MeterBench(host.paths) { $0.sources = [.rapl, .mmio] }
        for second in 1...40 {
            if second == 8 { host.rapl.makeUnreadable("intel-rapl:0") }
            if second == 33 { try host.rapl.makeReadable("intel-rapl:0", 0) }
            if !(8..<33).contains(second) { try host.rapl.set("intel-rapl:0", UInt64(second) * 50_000_000) }
            try host.rapl.set("intel-rapl-mmio:0", UInt64(second) * 50_000_000)
            bench.tick()
        }
        #expect(bench.meters.states.allSatisfy { $0.uncounted.values.allSatisfy { $0.lost == .zero } })
        #expect(bench.meters.zones.first { $0.zone.name == "package-0" }?.energy == Microjoules(2_000_000_000))
    }

    /// Without an estimate nobody accounts for the time in which the only counter cannot be read: nothing is dropped.
    @Test(arguments: [[.rapl], [.rapl, .estimate]] as [[SourceKind]])
    func energyThatNoSourceSawIsNotDropped(_ sources: [SourceKind]) throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0:0")
        var bench = MeterBench(host.paths) { $0.sources = sources }
        for second in 1...40 {
            if second == 8 { host.rapl.makeUnreadable("intel-rapl:0") }
            if second == 33 { try host.rapl.makeReadable("intel-rapl:0", 32 * 200_000_000) }
            if !(8..<33).contains(second) { try host.rapl.set("intel-rapl:0", UInt64(second) * 200_000_000) }
            bench.tick()
        }
        // One window of the return is part of the gap.
        let package = bench.meters.zones.first { $0.zone.name == "package-0" }?.energy.joules ?? 0
        let rapl = bench.meters.states.first { $0.name == "rapl" }
        let lost = rapl?.uncounted[ZoneID(.package, socket: 0)]?.lost.joules ?? 0
        if sources.count == 1 {
            #expect(package == 8000 && lost == 0)
        } else {
            // What the counter showed beyond the estimate is in no total, and told.
            let estimate = bench.meters.zones.first { $0.zone.name == "package" }?.energy.joules ?? 0
            #expect(package < 6000 && package > 3600, "\(package)")
            #expect(estimate > 0 && abs(package + estimate + lost - 8000) < 200, "\(package) \(estimate) \(lost)")
            #expect(bench.meters.notices.contains { $0.contains("package-0 (rapl)") && $0.contains("J were used") })
        }
    }
}
