import Attribution
import Testing
import Units

@Suite struct PowerModelFileTests {
    private static func point(_ load: Double, _ watts: Double, seconds: Double = 100) -> MeasuredCurve.Point {
        MeasuredCurve.Point(utilization: load, watts: watts, spreadWatts: 1, seconds: seconds)
    }

    private static func file(
        _ change: (inout PowerModelFile) -> Void = { _ in }
    ) -> PowerModelFile {
        var file = PowerModelFile(
            cpuModel: "CPU 1", cpuCount: 8, created: "2026-01-02T03:04:05.678Z",
            zones: [
                PowerModelFile.Zone(
                    component: "package", staticWatts: 20, curve: [point(0.02, 22), point(0.3, 50), point(0.5, 60)],
                    coefficients: ["cpu": 4])
            ])
        change(&file)
        return file
    }

    @Test func aSoundFileFitsItsOwnCPUOnly() {
        #expect(Self.file().misfit(cpuModel: "CPU 1") == nil)
        #expect(Self.file().misfit(cpuModel: "CPU 2")?.contains("learned on 'CPU 1'") == true)
        #expect(Self.file().misfit(cpuModel: "") != nil)
    }

    private static let faults: [(String, @Sendable (inout PowerModelFile) -> Void)] = [
        ("format", { $0.format = "x" }),
        ("version", { $0.version = 2 }),
        ("no name", { $0.cpuModel = "" }),
        ("no CPUs", { $0.cpuCount = 0 }),
        ("no zones", { $0.zones = [] }),
        ("twice", { $0.zones += $0.zones }),
        ("unknown zone", { $0.zones[0].component = "gpu" }),
        ("static NaN", { $0.zones[0].staticWatts = .nan }),
        ("negative coefficient", { $0.zones[0].coefficients["cpu"] = -1 }),
        ("infinite watts", { $0.zones[0].curve[1].watts = .infinity }),
        ("negative spread", { $0.zones[0].curve[1].spreadWatts = -1 }),
        ("load beyond 1", { $0.zones[0].curve[2].utilization = 1.2 }),
        ("unordered", { $0.zones[0].curve.swapAt(0, 1) }),
        ("one load", { $0.zones[0].curve = [point(0.3, 30), point(0.4, 40)] }),
        (
            "too short",
            {
                $0.zones[0].curve[2].seconds = 3; $0.zones[0].curve[1].seconds = 3
            }
        ),
        ("empty", { $0.zones[0].curve = [] }),
    ]

    @Test(arguments: 0..<16)
    func everyFaultIsRefusedWithAReason(index: Int) {
        let (name, change) = Self.faults[index]
        #expect(Self.file(change).misfit(cpuModel: "CPU 1") != nil, "\(name)")
    }

    @Test func powerFollowsTheCurveAndTheBandHoldsIt() {
        let zone = Self.file().zones[0]
        #expect(abs(zone.power(at: 0.3).watts.value - 50) < 1e-9)
        #expect(abs(zone.power(at: 0.4).watts.value - 55) < 1e-9)
        #expect(abs(zone.power(at: 0).watts.value - 20) < 1e-9)
        #expect(zone.power(at: 1).watts > Watts(60))
        #expect(zone.power(at: .nan).watts == zone.power(at: 0).watts)
        var last = Watts(0)
        for step in 0...100 {
            let (watts, band) = zone.power(at: Double(step) / 100)
            #expect(watts.value >= last.value - 1e-9)
            #expect(band.contains(watts) && band.lowerBound.value >= 0)
            last = watts
        }
    }

    @Test func theCurveIsLearnedFromWindows() throws {
        var curve = MeasuredCurve()
        for step in 0..<1000 {
            let load = Double(step % 10) / 10 + 0.01
            curve.observe(
                power: Watts(20 + 100 * load + (step % 20 < 10 ? 2 : -2)), utilization: load, over: Seconds(1))
        }
        curve.observe(power: Watts(.nan), utilization: 0.5, over: Seconds(1))
        curve.observe(power: Watts(5000), utilization: .nan, over: Seconds(1))
        curve.observe(power: Watts(0), utilization: 0.5, over: Seconds(1))
        #expect(curve.points.count == 10)
        let point = try #require(curve.points.first { abs($0.utilization - 0.51) < 0.01 })
        #expect(abs(point.watts - 71) < 0.5)
        #expect(abs(point.spreadWatts - 2) < 0.3)
        #expect(point.seconds == 100)
    }
}
