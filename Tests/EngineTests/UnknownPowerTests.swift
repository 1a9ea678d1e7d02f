import Engine
import Metering
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

/// An unknown power is absent, never zero, and results in a notice.
@Suite struct UnknownPowerTests {
    private func samples(_ snapshot: Snapshot, _ suffix: String) -> [String] {
        snapshot.metrics().filter { $0.metric.prometheusName.hasSuffix(suffix) && !$0.samples.isEmpty }
            .map(\.metric.prometheusName)
    }

    @Test func withoutAnySourceThereAreNoWattsAndNoGrams() throws {
        let host = try FakeHost()
        host.rapl.remove("intel-rapl:0")
        try host.makeCgroup("/a")
        let engine = try host.makeEngine {
            $0.power.sources = [.rapl]
            $0.power.isExplicit = true
        }
        try host.run("/a", microseconds: 3000)
        let snapshot = try host.tick(engine)
        #expect(snapshot.node.powerWatts == nil && snapshot.node.emissionsGrams == nil)
        #expect(snapshot.node.idle.powerWatts == nil && snapshot.workloads.allSatisfy { $0.powerWatts == nil })
        #expect(samples(snapshot, "power_watts").isEmpty && samples(snapshot, "emissions_grams_total").isEmpty)
        #expect(samples(snapshot, "energyd_node_cpu_time_seconds_total").count == 1)
        #expect(snapshot.agent.notices.contains { $0.hasPrefix("power is unknown: ") })
    }

    @Test func aMeterThatStopsReportingIsNotZeroWattsAndRaisesANotice() throws {
        let host = try FakeHost()
        try host.makeCgroup("/a")
        let engine = try host.makeEngine()
        try host.run("/a", microseconds: 3000)
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        try host.draw("intel-rapl:0:0", microjoules: 100_000)
        let before = try host.tick(engine)
        #expect(try #require(before.node.powerWatts) > 0 && before.otherNotices.isEmpty)
        host.rapl.makeUnreadable("intel-rapl:0")
        host.rapl.makeUnreadable("intel-rapl:0:0")
        for _ in 0..<3 {
            try host.run("/a", microseconds: 3000)
            let silent = try host.tick(engine)
            #expect(silent.node.powerWatts == nil && silent.node.zones.allSatisfy { $0.powerWatts == nil })
            #expect(samples(silent, "power_watts").isEmpty)
            // Counters do not advance.
            #expect(silent.node.emissionsGrams == before.node.emissionsGrams)
            #expect(silent.node.zones.map(\.energyMicrojoules) == before.node.zones.map(\.energyMicrojoules))
            #expect(silent.otherNotices.count == 1 && silent.otherNotices[0].contains("energy_uj"))
            #expect(silent.agent.sources.first { $0.name == "rapl" }?.isInUse == false)
        }
        try host.rapl.makeReadable("intel-rapl:0", 2_000_000)
        try host.rapl.makeReadable("intel-rapl:0:0", 200_000)
        let after = try host.tick(engine)
        #expect(try #require(after.node.powerWatts) > 0 && after.otherNotices.isEmpty)
        #expect(after.agent.sources.first { $0.name == "rapl" }?.isInUse == true)
    }

    @Test func oneZoneThatIsMissingIsNamed() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        _ = try host.tick(engine)
        host.rapl.makeUnreadable("intel-rapl:0:0")
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        let snapshot = try host.tick(engine)
        #expect(try #require(snapshot.node.powerWatts) > 0)
        #expect(snapshot.otherNotices.count == 1 && snapshot.otherNotices[0].hasPrefix("dram-0 cannot be read"))
    }
}
