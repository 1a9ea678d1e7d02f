import Attribution
import Testing
import Units

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
            #expect(fraction >= last && fraction - last < 0.0024)
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
        (name: "Intel(R) Xeon(R) Platinum 8275CL CPU @ 3.00GHz", threads: 96, idle: 59.46, full: 617.36),
        (name: "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", threads: 96, idle: 54.71, full: 440.09),
        (name: "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", threads: 72, idle: 34.98, full: 272.33),
        (name: "Intel(R) Xeon(R) Platinum 8124M CPU @ 3.00GHz", threads: 72, idle: 50.66, full: 412.67),
        (name: "Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", threads: 96, idle: 57.88, full: 491.77),
        (name: "Intel(R) Xeon(R) Platinum 8252C CPU @ 3.80GHz", threads: 48, idle: 57.38, full: 512.72),
        (name: "Intel(R) Xeon(R) Platinum 8151 CPU @ 3.40GHz", threads: 48, idle: 47.57, full: 480.23),
    ])
    func bareMetalIsMet(name: String, threads: Int, idle: Double, full: Double) {
        let cpu = CPUModel(vendor: "", family: 0, model: 0, stepping: 0, name: name)
        for (profile, tolerance) in [
            (CPUPowerProfile(for: cpu), 1e-9), (CPUPowerProfile(for: cpu, measured: nil), 0.2),
        ] {
            #expect(profile.basis == (tolerance < 0.1 ? .measured : .turbo))
            #expect(abs(profile.watts(threads: threads, utilization: 0).value / idle - 1) < tolerance * 1.3)
            #expect(abs(profile.watts(threads: threads, utilization: 1).value / full - 1) < tolerance)
            #expect(profile.band(threads: threads, utilization: 0).contains(Watts(idle)))
            #expect(profile.band(threads: threads, utilization: 1).contains(Watts(full)))
        }
    }

    /// In the middle of the curve, with memory, and the same per thread and gigabyte in a guest of such a host.
    @Test func guestsOfMeasuredHostsGetTheirPart() throws {
        let name = "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz"
        let cpu = CPUModel(vendor: "GenuineIntel", family: 6, model: 0x55, stepping: 7, name: name)
        let profile = CPUPowerProfile(for: cpu)
        #expect(abs(profile.watts(threads: 96, utilization: 0.45).value - (272.12 + 306.93) / 2) < 1e-9)
        #expect(abs(profile.watts(threads: 4, utilization: 0.5).value - 306.93 / 24) < 1e-9)
        let memory = MemoryPower(beside: .named(name))
        let host = 768 * 1.073741824
        #expect(memory.isMeasured)
        #expect(abs(memory.watts(gigabytes: host, utilization: 0.5).value - 235.08) < 1e-9)
        #expect(abs(memory.watts(gigabytes: host / 24, utilization: 0).value - 119.43 / 24) < 1e-9)
        // Memory stress at full load is within the band, ten times as much is not.
        #expect(memory.band(gigabytes: host, utilization: 1).contains(Watts(509.90)))
        #expect(!memory.band(gigabytes: host, utilization: 1).contains(Watts(2769)))
        #expect(MeasuredPart.named("Intel(R) Xeon(R) Platinum 8259 CPU @ 2.50GHz") == nil)
    }

    @Test func clockCountsOnlyWhereItWasFitted() {
        func profile(model: Int, clock: String) -> CPUPowerProfile {
            let name = "Intel(R) Xeon(R) CPU @ \(clock)GHz"
            return CPUPowerProfile(
                for: CPUModel(vendor: "GenuineIntel", family: 6, model: model, stepping: 4, name: name))
        }
        #expect(
            profile(model: 0x55, clock: "3.00").maximumWattsPerThread
                > profile(model: 0x55, clock: "2.00").maximumWattsPerThread)
        #expect(profile(model: 0x55, clock: "2.00").basis == .clock)
        #expect(
            profile(model: 0x6A, clock: "3.00").maximumWattsPerThread
                == profile(model: 0x6A, clock: "2.00").maximumWattsPerThread)
        #expect(profile(model: 0x55, clock: "0.10").basis == .family)
    }

    @Test(
        arguments: [
            ("Intel(R) Xeon(R) Platinum 8275CL CPU @ 3.00GHz", 5.0),
            ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", 145.0 / 36),
            ("INTEL(R) XEON(R) PLATINUM 8480+", 3.125),
            ("AMD EPYC 7763 64-Core Processor", 280.0 / 128),
            ("AMD EPYC 7R13 Processor", 225.0 / 96),
            ("Intel(R) Xeon(R) CPU @ 2.20GHz", nil),
            ("AMD EPYC Processor", nil),
            ("QEMU Virtual CPU version 2.5+", nil),
            ("", nil),
            (",", nil),
            ("96 240", nil),
        ] as [(String, Double?)])
    func designPowerIsFoundByName(name: String, expected: Double?) {
        #expect(CPUDesignPower.wattsPerThread(named: name) == expected)
    }

    /// A virtual machine gets the part of the host that its threads are, and no more.
    @Test func threadsScaleWithoutAnyFixedPart() {
        for utilization in [0, 0.3, 1] {
            let two = rome.watts(threads: 2, utilization: utilization).value
            #expect(abs(rome.watts(threads: 128, utilization: utilization).value - 64 * two) < 1e-9)
        }
    }

    @Test(arguments: CPUPowerProfile.Basis.allCases)
    func everyBandHoldsTheEstimateAndWidensWithDoubt(basis: CPUPowerProfile.Basis) throws {
        let examples: [CPUPowerProfile.Basis: CPUModel] = [
            .measured: CPUModel(
                vendor: "", family: 0, model: 0, stepping: 0, name: "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz"),
            .designPower: CPUModel(
                vendor: "", family: 0, model: 0, stepping: 0, name: "AMD EPYC 7763 64-Core Processor"),
            .turbo: CPUModel(
                vendor: "", family: 0, model: 0, stepping: 0, name: "Intel(R) Xeon(R) Platinum 8124M CPU @ 3.00GHz"),
            .clock: CPUModel(
                vendor: "GenuineIntel", family: 6, model: 0x55, stepping: 4, name: "Intel(R) Xeon(R) CPU @ 2.00GHz"),
            .family: CPUModel(vendor: "AuthenticAMD", family: 0x19, model: 1, stepping: 1),
            .neighbour: CPUModel(vendor: "0x41", family: 8, model: 0, stepping: 1, part: 0xD4F),
            .generic: CPUModel(vendor: "", family: 0, model: 0, stepping: 0),
        ]
        let cpu = try #require(examples[basis])
        // The parts whose all-core clock is known were measured too.
        let profile = basis == .turbo ? CPUPowerProfile(for: cpu, measured: nil) : CPUPowerProfile(for: cpu)
        #expect(profile.basis == basis)
        for utilization in [0, 0.5, 1, .nan] {
            let band = profile.band(threads: 8, utilization: utilization)
            #expect(band.contains(profile.watts(threads: 8, utilization: utilization)))
            #expect(band.lowerBound > Watts(0))
        }
        let ranks = CPUPowerProfile.Basis.allCases.compactMap { examples[$0].map { CPUPowerProfile(for: $0).spread } }
        #expect(ranks.max() == CPUPowerProfile(for: try #require(examples[.generic])).spread)
    }

    @Test func memoryLiesBetweenItsTwoFigures() {
        let memory = MemoryPower(beside: nil)
        #expect(abs(memory.watts(gigabytes: 100, utilization: 0).value - 19) < 1e-9)
        #expect(abs(memory.watts(gigabytes: 100, utilization: 1).value - 38) < 1e-9)
        let half = memory.watts(gigabytes: 100, utilization: 0.5).value
        #expect(half > 28.5 && half < 38)
        #expect(memory.watts(gigabytes: -1, utilization: 1) == Watts(0))
        #expect(memory.band(gigabytes: 100, utilization: 0.5).contains(Watts(half)))
        #expect(!memory.isMeasured)
    }
}
