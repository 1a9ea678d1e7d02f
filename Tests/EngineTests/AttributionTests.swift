import Attribution
import Engine
import Metering
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing
import Units

@Suite struct AttributionTests {
    private func sum(_ snapshot: Snapshot, isStatic: Bool) -> UInt64 {
        snapshot.workloads.filter { $0.parentId == nil }.reduce(0) { sum, workload in
            let zone = workload.zones["package-0"]
            return sum + (isStatic ? zone?.staticMicrojoules ?? 0 : zone?.dynamicMicrojoules ?? 0)
        }
    }

    @Test(arguments: AttributionMethod.allCases, StaticPolicy.allCases)
    func everyMethodAndPolicyConserves(method: AttributionMethod, policy: StaticPolicy) throws {
        let host = try FakeHost()
        for path in ["/a", "/a/b", "/c"] { try host.makeCgroup(path) }
        let engine = try host.makeEngine {
            $0.attribution = method
            $0.staticPolicy = policy
        }
        var snapshot = try host.tick(engine)
        for round in 1...4 {
            try host.run("/a/b", microseconds: UInt64(round) * 2000)
            try host.run("/c", microseconds: 5000)
            try host.draw("intel-rapl:0", microjoules: UInt64(round) * 777_777)
            snapshot = try host.tick(engine)
            for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
        }
        #expect(sum(snapshot, isStatic: false) > 0)
        // No workload has requests here.
        #expect((sum(snapshot, isStatic: true) > 0) == (policy == .cpuTime || policy == .equal))
        let zone = try #require(snapshot.node.zones.first { $0.name == "package-0" })
        let attribution = try #require(zone.attribution)
        #expect(attribution.method == (method == .ratio ? "ratio" : "cpu-time"))
        #expect(!attribution.reason.isEmpty)
    }

    @Test func equalPartsGoToThoseWithoutAnythingBelowThem() throws {
        let host = try FakeHost()
        for path in ["/a", "/a/b", "/c"] { try host.makeCgroup(path) }
        let engine = try host.makeEngine { $0.staticPolicy = .equal }
        try host.run("/c", microseconds: 1000)
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        let snapshot = try host.tick(engine)
        let staticEnergy = Dictionary(
            uniqueKeysWithValues: snapshot.workloads.map {
                ($0.cgroupPath, $0.zones["package-0"]?.staticMicrojoules ?? 0)
            })
        let part = try #require(staticEnergy["/c"])
        #expect(part > 1000)
        #expect(abs(Int64(staticEnergy["/a/b"] ?? 0) - Int64(part)) <= 1)
        // Only what is below it.
        #expect(staticEnergy["/a"] == staticEnergy["/a/b"])
    }

    /// Who is charged for the power at rest changes nothing about how much it is, in total and under Kepler's names.
    @Test(arguments: StaticPolicy.allCases)
    func energyAtRestIsTheSameUnderEveryPolicy(policy: StaticPolicy) throws {
        func play(_ policy: StaticPolicy) throws -> Snapshot {
            try ScriptedNode(isMetered: true, policy: policy).play()
        }
        func atRest(_ snapshot: Snapshot) -> UInt64 {
            let workloads = snapshot.workloads.filter { $0.parentId == nil }
                .reduce(0) { $0 + $1.zones.values.reduce(0) { $0 + $1.staticMicrojoules } }
            let node = snapshot.node
            let others = [node.idle.zones, node.system.staticZones ?? [:], node.unattributed.staticZones ?? [:]]
            return workloads + others.reduce(0) { $0 + $1.values.reduce(0, +) }
        }
        func kepler(_ snapshot: Snapshot) -> [Substring] {
            var selection = MetricSelection()
            selection.kepler = .both
            return String(decoding: snapshot.exposition(selection), as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix("kepler_node_") }
        }
        let (snapshot, plain) = (try play(policy), try play(.none))
        #expect(atRest(snapshot) == atRest(plain))
        #expect(!kepler(plain).isEmpty && kepler(snapshot) == kepler(plain))
        // Kernel threads ran: by CPU time they bear a part.
        #expect((snapshot.node.system.staticZones?["package-0"] ?? 0 > 0) == (policy == .cpuTime))
        #expect(plain.node.system.staticZones == nil)
    }

    private static let curve = [0.01, 0.3, 0.6].map { load in
        MeasuredCurve.Point(utilization: load, watts: 10 + 90 * load, spreadWatts: 1, seconds: 60)
    }

    private func document(cpu: String) throws -> String {
        let model = PowerModelFile(
            cpuModel: cpu, cpuCount: 2, created: "2026-01-02T03:04:05.678Z",
            zones: [
                PowerModelFile.Zone(
                    component: "package", staticWatts: 9, curve: Self.curve, coefficients: ["cpu_sqrt": 50])
            ])
        return String(decoding: try model.json(), as: UTF8.self)
    }

    @Test func aModelFileTakesThePlaceOfTheMissingMeter() throws {
        let host = try FakeHost()
        host.rapl.remove("intel-rapl:0:0")
        host.rapl.remove("intel-rapl:0")
        try host.makeCgroup("/a")
        let path = try host.store(document(cpu: "Fake CPU"), as: "model.json")
        let engine = try host.makeEngine { $0.powerModelPath = path }
        _ = try host.tick(engine)
        try host.run("/a", microseconds: 3000)
        let snapshot = try host.tick(engine)
        let zone = try #require(snapshot.node.zones.first)
        #expect(zone.quality == "modelled" && zone.source == "model-file")
        let watts = try #require(zone.powerWatts)
        #expect(watts > 9 && watts < 110)
        #expect(zone.powerLowWatts ?? 1e9 < watts && zone.powerHighWatts ?? 0 > watts)
        #expect(zone.attribution?.method == "model")
    }

    @Test(arguments: [
        ("other CPU", "learned on 'Other'"), ("garbage", "damaged"), ("absent", "No such file"),
    ])
    func aFileThatDoesNotFitIsRefusedWithTheReason(kind: String, words: String) throws {
        let host = try FakeHost()
        host.rapl.remove("intel-rapl:0:0")
        host.rapl.remove("intel-rapl:0")
        let text = kind == "garbage" ? "{\"format\": 3" : try document(cpu: "Other")
        var path = try host.store(text, as: "model.json")
        if kind == "absent" { path += ".not" }
        let engine = try host.makeEngine { $0.powerModelPath = path }
        let snapshot = try host.tick(engine)
        #expect(snapshot.node.zones.isEmpty || snapshot.node.zones[0].source == "estimate")
        #expect(snapshot.agent.notices.contains { $0.contains("--power.model is not used") && $0.contains(words) })
    }

    @Test func noFileCanHurt() throws {
        var generator = SeededGenerator(seed: 21)
        let sound = Array(try document(cpu: "Fake CPU").utf8)
        for _ in 0..<2000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(bytes.randomElement(using: &generator) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(place + 20, bytes.count - 1))
                }
            }
            guard let model = PowerModelFile(json: bytes), model.misfit(cpuModel: "Fake CPU") == nil else { continue }
            for zone in model.zones {
                for load in [0, 0.2, 0.9, 1] {
                    let (watts, band) = zone.power(at: load)
                    #expect(watts.value.isFinite && watts.value >= 0 && band.contains(watts))
                }
            }
        }
    }

    @Test func whatAMeteredNodeLearnedComesOutOfItsSnapshot() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        var snapshot = try host.tick(engine)
        #expect(PowerModelFile(snapshot).defect != nil)
        snapshot.node.zones = ["package-0", "package-1"].map { name in
            Snapshot.ZoneState(
                name: name, source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: 1, powerWatts: 1,
                staticWatts: 4, isUp: true,
                attribution: Snapshot.Attribution(method: "model", reason: "", coefficients: ["cpu": 3]),
                loadCurve: Self.curve.map {
                    Snapshot.LoadPoint(
                        utilization: $0.utilization, watts: $0.watts, spreadWatts: 1, seconds: $0.seconds)
                })
        }
        let model = PowerModelFile(snapshot)
        #expect(model.misfit(cpuModel: "Fake CPU") == nil)
        #expect(model.zones.map(\.component) == ["package"])
        #expect(model.zones[0].staticWatts == 8 && model.zones[0].coefficients == ["cpu": 6])
        #expect(model.zones[0].curve.map(\.watts) == Self.curve.map { 2 * $0.watts })
        #expect(PowerModelFile(json: try model.json()) == model)
    }
}
