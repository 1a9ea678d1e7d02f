import Attribution
import TestSupport
import Testing
import Units

@testable import Metering

@Suite struct StandstillTests {
    /// The kernel lists zones whose counters hold 0 for ever: unknown, and never 0 W.
    @Test func aPackageThatNeverMovesIsEstimated() throws {
        let host = try FakeMachine()
        host.rapl.remove("intel-rapl:0:0")
        var bench = MeterBench(host.paths)
        for _ in 0..<7 { bench.tick() }
        #expect(bench.zone("package")?.quality == .estimated)
        #expect(bench.meters.zones.first { $0.zone.name == "package-0" }?.isUp == false)
        #expect(bench.meters.notices.contains { $0.contains("estimated") && $0.contains("has not moved for 5 s") })
        #expect(bench.meters.events["still"] == 1)
        #expect(bench.meters.states.first { $0.name == "rapl" }?.isUp == false)
        // It moves at last, and is used at once.
        for _ in 0..<3 {
            try host.draw("intel-rapl:0", microjoules: 40_000_000)
            bench.tick()
        }
        #expect(bench.meters.zones.first { $0.zone.name == "package-0" }?.power?.value == 40)
        #expect(!bench.meters.notices.contains { $0.contains("has not moved") })
    }

    /// A counter that moved and then stands is left for the next source, and its energy is not counted twice.
    @Test func anotherSourceTakesOver() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl-mmio:0", name: "package-0")
        var bench = MeterBench(host.paths) { $0.sources = [.rapl, .mmio] }
        func run(_ seconds: Int, isStill: Bool) throws {
            for _ in 0..<seconds {
                if !isStill { try host.draw("intel-rapl:0", microjoules: 20_000_000) }
                try host.draw("intel-rapl-mmio:0", microjoules: 20_000_000)
                bench.tick()
            }
        }
        try run(10, isStill: false)
        try run(20, isStill: true)
        #expect(bench.zone("package-0")?.source == "rapl-mmio")
        try run(10, isStill: false)
        #expect(bench.zone("package-0")?.source == "rapl")
        // The five windows until it was certain are nobody's; the rest is counted once.
        #expect(bench.total >= 34 * 20_000_000 && bench.total <= 40 * 20_000_000, "\(bench.total)")
    }

    /// Memory that is listed and not counted is left out; the package stays measured.
    @Test func memoryThatIsNotCountedIsLeftOut() throws {
        let host = try FakeMachine()
        var bench = MeterBench(host.paths)
        for _ in 0..<8 {
            try host.draw("intel-rapl:0", microjoules: 20_000_000)
            bench.tick()
        }
        #expect(bench.tick().keys.sorted() == ["package-0"])
        let notice = try #require(bench.meters.notices.first { $0.contains("dram-0") })
        #expect(notice.contains("left out") && notice.contains("has not moved"))
        #expect(bench.meters.states.first { $0.name == "rapl" }?.isUp == true)
    }

    /// A node that hardly works says nothing for half a minute.
    @Test func aNodeAtRestIsGivenTime() {
        var standstill = Standstill()
        func observe(_ seconds: Int, busy: Double) {
            for _ in 0..<seconds {
                standstill.observe(
                    hasMoved: false, NodeUsage(duration: Seconds(1), busy: Seconds(busy), cpuCount: 8))
            }
        }
        observe(20, busy: 0)
        #expect(!standstill.isProven)
        observe(10, busy: 0)
        #expect(standstill.isProven)
        standstill.observe(hasMoved: true, NodeUsage(duration: Seconds(1), busy: Seconds(0), cpuCount: 8))
        #expect(!standstill.isProven)
        observe(4, busy: 8)
        #expect(!standstill.isProven)
        observe(1, busy: 8)
        #expect(standstill.isProven)
    }

    /// What is not counted is known by zone, and said for a quarter of an hour.
    @Test func refusedEnergyIsCountedAndSaid() throws {
        let host = try FakeMachine()
        var bench = MeterBench(host.paths)
        for second in 0..<20 {
            try host.draw("intel-rapl:0", microjoules: 20_000_000)
            try host.draw("intel-rapl:0:0", microjoules: 5_000_000)
            if second == 10 { try host.rapl.set("intel-rapl:0", 90_000_000_000) }
            bench.tick()
        }
        let state = try #require(bench.meters.states.first { $0.name == "rapl" })
        let package = try #require(state.uncounted[ZoneID(.package, socket: 0)])
        #expect(abs(package.refused.joules - 89_800) < 25 && package.lost == .zero)
        #expect(state.uncounted[ZoneID(.dram, socket: 0)] == UncountedEnergy())
        #expect(bench.meters.events["implausible"] == 1)
        #expect(bench.meters.notices.contains { $0.contains("package-0 (rapl): 898") && $0.contains("not believed") })
        #expect(bench.total == 20 * 25_000_000)
        for _ in 0..<1000 {
            try host.draw("intel-rapl:0", microjoules: 20_000_000)
            try host.draw("intel-rapl:0:0", microjoules: 5_000_000)
            bench.tick()
        }
        #expect(bench.meters.notices.isEmpty)
    }

    /// psys below the package that it should contain: a sentence without riddles, and no remedy that does not exist.
    @Test func psysBelowThePackageIsExplained() throws {
        let host = try FakeMachine()
        try host.rapl.add("intel-rapl:1", name: "psys")
        var bench = MeterBench(host.paths)
        for _ in 0..<15 {
            try host.draw("intel-rapl:0", microjoules: 22_512_345)
            try host.draw("intel-rapl:0:0", microjoules: 1)
            try host.draw("intel-rapl:1", microjoules: 10_171_003)
            bench.tick()
        }
        #expect(
            bench.meters.notices == [
                "psys (rapl) measures 10.2 W for the whole node, less than the 22.5 W that rapl measures for the packages "
                    + "and memory inside it: one of them is wrong; many machines do not wire psys; the node is then the sum "
                    + "of its parts, and there is nothing to do"
            ])
    }
}
