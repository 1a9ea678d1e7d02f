import Attribution
import Metering
import Testing
import Units

@Suite struct EstimateSourceTests {
    private let turin = CPUModel(vendor: "AuthenticAMD", family: 26, model: 2, stepping: 1)

    private func readings(memory: UInt64?, busy: Double) -> [ZoneReading] {
        var source = EstimateSource(cpu: turin, memoryBytes: memory)
        let activity = NodeUsage(duration: Seconds(2), busy: Seconds(busy), cpuCount: 4)
        #expect(source.collect(activity, at: Seconds(0)).isEmpty)
        return source.collect(activity, at: Seconds(2))
    }

    @Test func everythingItSaysIsMarkedEstimated() {
        let readings = readings(memory: 64_000_000_000, busy: 3)
        #expect(readings.map(\.zone.name) == ["package", "dram"])
        #expect(readings.allSatisfy { $0.zone.quality == .estimated && $0.zone.source == "estimate" })
        for reading in readings {
            #expect(reading.band?.contains(reading.energy.power(over: Seconds(2))) == true)
        }
    }

    @Test func moreLoadIsMorePowerBetweenIdleAndMaximum() throws {
        let profile = CPUPowerProfile(for: turin)
        let powers = try [0.0, 2, 5, 8].map { busy in
            try #require(readings(memory: nil, busy: busy).first).energy.power(over: Seconds(2)).value
        }
        #expect(powers == powers.sorted() && Set(powers).count == powers.count)
        #expect(abs(powers[0] - 4 * profile.idleWattsPerThread) < 0.001)
        #expect(abs(powers[3] - 4 * profile.maximumWattsPerThread) < 0.001)
    }

    @Test func unknownMemoryIsLeftOutInsteadOfZero() {
        #expect(readings(memory: nil, busy: 1).map(\.zone.component) == [.package])
    }

    @Test func theIdlePartIsKnownAndNeverMoreThanTheWhole() throws {
        for reading in readings(memory: 8_000_000_000, busy: 4) {
            let staticEnergy = try #require(reading.staticPower).energy(over: Seconds(2))
            #expect(staticEnergy <= reading.energy)
            #expect(staticEnergy > .zero)
        }
    }
}
