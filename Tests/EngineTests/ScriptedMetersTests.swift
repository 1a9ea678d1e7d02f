import Accounting
import Attribution
import Composition
import Engine
import Logging
import Metering
import MeteringTestSupport
import Snapshot
import TestSupport
import Testing
import Units

/// The engine over scripted or recorded meters.
@Suite struct ScriptedMetersTests {
    private func snapshots(_ source: ScriptedSource, count: Int) throws -> [Snapshot] {
        let host = try FakeHost()
        try host.makeCgroup("/a")
        let time = ManualTime()
        var configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(600))
        configuration.paths = host.paths
        configuration.accounting.tier = .procfs
        configuration.accounting.processes = .off
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let meters = MeterSet(
            meters: [Meter(source)],
            fallback: PowerFallback(
                cpu: CPUModel(vendor: "", family: 0, model: 0, stepping: 0), memoryBytes: nil, estimates: false),
            logger: logger)
        var parts = try EngineParts(configuration, logger: logger)
        parts.clock = ManualClock(time: time)
        parts.meters = meters
        let engine = try Engine(parts, configuration: configuration, logger: logger)
        return try (0..<count).map { _ in
            time.advance(by: 1)
            try host.run("/a", microseconds: 500_000)
            return try engine.tick()
        }
    }

    @Test func theNodeDrawsWhatTheScriptSays() throws {
        let snapshots = try snapshots(
            ScriptedSource(
                .rapl, zones: [ZoneID(.package, socket: 0), ZoneID(.dram, socket: 0)],
                script: [[Watts(30), Watts(5)], [Watts(40), nil], [Watts(50), Watts(6)]]), count: 3)
        #expect(snapshots.map(\.node.powerWatts) == [35, 40, 56])
        #expect(snapshots[1].node.zones.map(\.isUp) == [true, false])
        for snapshot in snapshots {
            for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
        }
    }

    @Test func aRecordingIsPlayedBack() throws {
        let directory = try TemporaryDirectory()
        try directory.write("package-0,psys\n30,50\n31,\n", to: "recording.csv")
        let path = directory.path + "/recording.csv"
        let snapshots = try snapshots(ScriptedSource(.perf, recording: path), count: 2)
        #expect(snapshots.map(\.node.powerWatts) == [50, 31])
        #expect(snapshots.map { $0.node.meter?.source } == ["perf", nil])
        try directory.write("package-x\n30\n", to: "recording.csv")
        #expect(throws: Failure.self) { try ScriptedSource(.perf, recording: path) }
    }
}
