import Attribution
import Engine
import Metering
import Snapshot
import TestSupport
import Testing
import Units

@Suite struct PlatformTests {
    @Test(arguments: [false, true]) func theRemainderIsShownAndGivenAwayOnlyWhenAsked(_ isAsked: Bool) throws {
        let host = try FakeHost()
        try host.rapl.add("intel-rapl:1", name: "psys")
        try host.makeCgroup("/a")
        let engine = try host.makeEngine {
            $0.power.attributesPlatform = isAsked
            $0.idlePower = .components([.package: Watts(5), .platform: Watts(5)])
        }
        try host.draw("intel-rapl:1", microjoules: 10)
        _ = try host.tick(engine, after: 0.02)
        try host.run("/a", microseconds: 3000)
        try host.draw("intel-rapl:0", microjoules: 2_000_000)
        try host.draw("intel-rapl:1", microjoules: 5_000_000)
        let snapshot = try host.tick(engine, after: 0.02)
        for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
        let workload = try #require(snapshot.workloads.first { $0.cgroupPath == "/a" })
        #expect((workload.zones["platform"]?.dynamicMicrojoules ?? 0 > 300_000) == isAsked)
        #expect((snapshot.node.unattributed.zones["platform"] == 3_000_010) == !isAsked)
        #expect(workload.zones["package-0"]?.dynamicMicrojoules ?? 0 > 300_000)
        #expect(snapshot.node.zones.first { $0.name == "platform" }?.hardware == "enclosure")
    }
}
