import Attribution
import Testing
import Units

@Suite struct ConfiguredIdleTests {
    private func readings(_ watts: [(ZoneID, Double)]) -> [(index: Int, reading: ZoneReading)] {
        watts.enumerated().map { index, part in
            (
                index,
                ZoneReading(zone: Zone(part.0, source: "rapl", quality: .measured), energy: Microjoules(joules: part.1))
            )
        }
    }

    private func states(_ idle: ConfiguredIdle?, _ watts: [(ZoneID, Double)]) -> [NodeAttributor.ZoneState] {
        var settings = NodeAttributor.Settings(prior: IdlePrior(idle: Watts(20), full: Watts(100), within: 1.5))
        settings.idle = idle
        var attributor = NodeAttributor(settings)
        let window = UsageWindow(
            duration: Seconds(1), utilization: 0.5, usage: [WorkloadUsage(id: 1, cpuNanoseconds: 1_000_000_000)])
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        for _ in 0..<30 {
            let readings = readings(watts)
            attributor.prepare(readings)
            for (zone, reading) in readings {
                _ = attributor.attribute(
                    reading, zone: zone, window: window, into: &shares, staticShares: &staticShares)
            }
        }
        return watts.indices.map { attributor.state(ofZone: $0) }
    }

    private let twoSockets = [
        (ZoneID(.package, socket: 0), 60.0), (ZoneID(.package, socket: 1), 60.0), (ZoneID(.dram), 12.0),
    ]

    @Test func oneFigureForTheNodeIsSharedAsTheZonesAreLearned() throws {
        let learned = states(nil, twoSockets)
        let given = states(.node(Watts(50)), twoSockets)
        #expect(abs(given.reduce(0) { $0 + $1.staticPower.value } - 50) < 1e-6)
        for (one, other) in zip(learned, given) {
            let estimate = try #require(other.staticEstimate)
            #expect(estimate.quality == .configured && estimate.bounds == estimate.power...estimate.power)
            let sum = learned.reduce(0) { $0 + $1.staticPower.value }
            #expect(abs(one.staticPower.value / sum - estimate.power.value / 50) < 0.01)
        }
    }

    @Test func aFigureForAComponentIsSharedEquallyAndTheRestIsLearned() {
        let given = states(.components([.package: Watts(44)]), twoSockets)
        #expect(given.map(\.staticEstimate?.quality) == [.configured, .configured, .prior])
        #expect(given[0].staticPower == Watts(22) && given[1].staticPower == Watts(22))
    }

    /// The published figures are those of all packages: each of two has half of them.
    @Test func thePriorIsDividedAmongTheSockets() {
        let states = states(nil, twoSockets)
        #expect(abs(states[0].staticPower.value - states[1].staticPower.value) < 1e-9)
        #expect(states[0].staticPower.value < 16, "\(states[0].staticPower.value)")
    }

    /// What is given is an amount, not a licence: no zone hands out less than nothing.
    @Test func moreThanTheZoneDrawsLeavesNothingForWorkloads() {
        let given = states(.components([.package: Watts(500)]), [(ZoneID(.package, socket: 0), 60.0)])
        #expect(given[0].staticEstimate?.power == Watts(500))
    }
}
