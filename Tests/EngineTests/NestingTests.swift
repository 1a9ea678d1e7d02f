import Engine
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

/// Nested workloads of one kind can be summed with each microjoule counted once.
@Suite struct NestingTests {
    private func joules(_ snapshot: Snapshot, _ kind: String, nested: Bool? = nil) -> UInt64 {
        let samples = snapshot.metrics().first { $0.metric.name == "energyd.\(kind).energy" }?.samples ?? []
        return samples.reduce(0) { sum, sample in
            let isNested = sample.attributes.contains { $0 == ("nested", "true") }
            guard nested == nil || nested == isNested, case .millionths(let energy) = sample.value else { return sum }
            return sum + energy
        }
    }

    private func energy(_ snapshot: Snapshot, _ path: String) -> UInt64 {
        snapshot.workloads.first { $0.cgroupPath == path }?.zones.values.reduce(0) {
            $0 + $1.dynamicMicrojoules + $1.staticMicrojoules
        } ?? 0
    }

    @Test func whatIsNotNestedAddsUpToTheOutermost() throws {
        let host = try FakeHost()
        let manager = "/user.slice/user-1000.slice/user@1000.service"
        let outer = "/docker/" + String(repeating: "a", count: 64)
        let paths = [
            "/user.slice", "/user.slice/user-1000.slice", manager, manager + "/app.slice",
            manager + "/app.slice/editor.service", "/system.slice", "/system.slice/db.service", "/docker", outer,
            outer + "/docker", outer + "/docker/" + String(repeating: "b", count: 64),
        ]
        for path in paths { try host.makeCgroup(path) }
        let engine = try host.makeEngine { $0.nameWait = .zero }
        try host.draw("intel-rapl:0", microjoules: 10)
        _ = try host.tick(engine)
        for path in [paths[4], paths[6], paths[10], outer] { try host.run(path, microseconds: 2000) }
        try host.draw("intel-rapl:0", microjoules: 8_000_000)
        let snapshot = try host.tick(engine)
        #expect(energy(snapshot, paths[4]) > 0 && energy(snapshot, paths[10]) > 0)

        // The editor is part of its manager.
        let units = energy(snapshot, manager) + energy(snapshot, paths[6])
        #expect(joules(snapshot, "unit", nested: false) == units && joules(snapshot, "unit") > units)
        #expect(joules(snapshot, "container", nested: false) == energy(snapshot, outer))
        #expect(joules(snapshot, "container") > energy(snapshot, outer))
        let slices = energy(snapshot, "/user.slice") + energy(snapshot, "/system.slice")
        #expect(joules(snapshot, "slice", nested: false) == slices && joules(snapshot, "slice") > slices)
        let nested = snapshot.workloads.filter { $0.isNested == true }.map(\.cgroupPath)
        #expect(Set(nested).isSuperset(of: [paths[1], paths[3], paths[4], paths[10]]))
        #expect(Set(nested).isDisjoint(with: [paths[0], manager, paths[5], paths[6], outer]))
    }
}
