import Attribution
import Metering
import Testing
import Units

@Suite struct LearnedSourceTests {
    private func point(_ load: Double, _ watts: Double) -> MeasuredCurve.Point {
        MeasuredCurve.Point(utilization: load, watts: watts, spreadWatts: 1, seconds: 100)
    }

    @Test func aMachineWithHalfTheThreadsDrawsHalf() throws {
        var source = LearnedSource(
            model: PowerModelFile(
                cpuModel: "CPU", cpuCount: 8, created: "",
                zones: [
                    PowerModelFile.Zone(
                        component: "package", staticWatts: 20, curve: [point(0, 20), point(1, 100)], coefficients: [:])
                ]))
        let activity = NodeUsage(duration: Seconds(2), busy: Seconds(4), cpuCount: 4)
        #expect(source.collect(activity, at: Seconds(0)).isEmpty)
        let reading = try #require(source.collect(activity, at: Seconds(2)).first)
        #expect(reading.zone.quality == .modelled)
        #expect(abs(reading.energy.power(over: Seconds(2)).value - 30) < 1e-6)
        #expect(reading.staticPower == Watts(10))
        #expect(reading.band?.contains(Watts(30)) == true)
    }
}
