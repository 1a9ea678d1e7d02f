import Energy
import Testing

@Suite struct CPUPowerProfileTests {
    private let rome = CPUPowerProfile(for: CPUModel(vendor: "AuthenticAMD", family: 0x17, model: 0x31, stepping: 0))

    @Test func endsAreIdleAndMaximumOfAllThreads() {
        #expect(rome.watts(threads: 64, utilization: 0) == Watts(64 * rome.idleWattsPerThread))
        #expect(abs(rome.watts(threads: 64, utilization: 1).value - 64 * rome.maximumWattsPerThread) < 1e-9)
    }

    @Test(arguments: [-1, Double.nan, -Double.infinity])
    func whatIsNoUtilizationIsIdle(utilization: Double) {
        #expect(rome.watts(threads: 8, utilization: utilization) == rome.watts(threads: 8, utilization: 0))
    }

    @Test func moreThanFullIsFull() {
        #expect(rome.watts(threads: 8, utilization: 7) == rome.watts(threads: 8, utilization: 1))
        #expect(rome.watts(threads: 8, utilization: .infinity) == rome.watts(threads: 8, utilization: 1))
        #expect(rome.watts(threads: -8, utilization: 1) == Watts(0))
    }

    @Test func curveRisesWithoutJumpsAndLiesAboveTheDiagonal() {
        var last = 0.0
        for step in 0...1000 {
            let load = Double(step) / 1000
            let fraction = CPUPowerProfile.dynamicFraction(at: load)
            #expect(fraction >= last && fraction - last < 0.0021)
            #expect(fraction >= load - 1e-12)
            last = fraction
        }
        #expect(CPUPowerProfile.dynamicFraction(at: 0) == 0)
        #expect(last == 1)
    }

    @Test func curveIsLinearBetweenItsPoints() {
        let middle = CPUPowerProfile.dynamicFraction(at: 0.45)
        let ends = CPUPowerProfile.dynamicFraction(at: 0.4) + CPUPowerProfile.dynamicFraction(at: 0.5)
        #expect(abs(middle - ends / 2) < 1e-12)
    }

    /// Package watts of AWS bare metal, idle and under CPU stress (Teads turbostress reports, 2021, CC0).
    @Test(arguments: [
        (model: 0x55, stepping: 7, clock: "3.00", threads: 96, idle: 59.46, full: 617.36),
        (model: 0x55, stepping: 7, clock: "2.50", threads: 96, idle: 54.71, full: 440.09),
        (model: 0x4F, stepping: 1, clock: "2.30", threads: 72, idle: 34.98, full: 272.33),
    ])
    func bareMetalIsMet(model: Int, stepping: Int, clock: String, threads: Int, idle: Double, full: Double) {
        let cpu = CPUModel(
            vendor: "GenuineIntel", family: 6, model: model, stepping: stepping,
            name: "Intel(R) Xeon(R) CPU @ \(clock)GHz")
        let profile = CPUPowerProfile(for: cpu)
        #expect(abs(profile.watts(threads: threads, utilization: 0).value / idle - 1) < 0.1)
        #expect(abs(profile.watts(threads: threads, utilization: 1).value / full - 1) < 0.03)
    }

    @Test func clockCountsOnlyWhereItWasFitted() {
        func maximum(model: Int, clock: String) -> Double {
            let name = "Intel(R) Xeon(R) CPU @ \(clock)GHz"
            let cpu = CPUModel(vendor: "GenuineIntel", family: 6, model: model, stepping: 4, name: name)
            return CPUPowerProfile(for: cpu).maximumWattsPerThread
        }
        #expect(maximum(model: 0x55, clock: "3.00") > maximum(model: 0x55, clock: "2.00"))
        #expect(maximum(model: 0x6A, clock: "3.00") == maximum(model: 0x6A, clock: "2.00"))
        #expect(maximum(model: 0x55, clock: "0.10") == CPUFamily.intelSkylakeServer.wattsPerThread.maximum)
    }

    @Test func memoryLiesBetweenItsTwoFigures() {
        #expect(abs(MemoryPower.watts(gigabytes: 100, utilization: 0).value - 30) < 1e-9)
        #expect(abs(MemoryPower.watts(gigabytes: 100, utilization: 1).value - 39) < 1e-9)
        let half = MemoryPower.watts(gigabytes: 100, utilization: 0.5).value
        #expect(half > 34.5 && half < 39)
        #expect(MemoryPower.watts(gigabytes: -1, utilization: 1) == Watts(0))
    }
}
