import Attribution
import TestSupport
import Testing
import Units

@Suite struct ZoneAttributorTests {
    private static func zone(_ quality: Quality = .measured) -> Zone {
        Zone(ZoneID(.package, socket: 0), source: "rapl", quality: quality)
    }

    private static func ran(_ nanoseconds: [UInt64]) -> [WorkloadUsage] {
        nanoseconds.enumerated().map { WorkloadUsage(id: UInt64($0), cpuNanoseconds: $1) }
    }

    /// Anything that could come out of a broken counter.
    private static func anyActivity(_ id: UInt64, using generator: inout SeededGenerator) -> WorkloadUsage {
        func count() -> UInt64? {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: nil
            case 1: 0
            case 2: .max
            default: .random(in: 0...5_000_000_000, using: &generator)
            }
        }
        return WorkloadUsage(
            id: id,
            cpuNanoseconds: Bool.random(using: &generator) ? .random(in: 0...1_000_000_000, using: &generator) : 0,
            efficiencyNanoseconds: count(), cycles: count(), instructions: count(), cacheMisses: count())
    }

    @Test(arguments: AttributionMethod.allCases, StaticPolicy.allCases)
    func everyWindowIsConservedToTheMicrojouleWhateverIsRead(method: AttributionMethod, policy: StaticPolicy) {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<4 {
            var attributor = ZoneAttributor(
                prior: IdlePrior(share: .random(in: 0...1, using: &generator)), method: method, policy: policy)
            var shares: [UInt64] = []
            var staticShares: [UInt64] = []
            for window in 0..<150 {
                let durations = [0, 1e-9, 1, 1, 1, 1, 3, 86400, .nan, .infinity, -1]
                let duration = Seconds(durations.randomElement(using: &generator) ?? 1)
                let energies: [UInt64] = [
                    0, 1, 500_000_000, 10_000_000_000_000, .random(in: 0...500_000_000, using: &generator),
                ]
                let reading = ZoneReading(
                    zone: Self.zone(window % 5 == 0 ? .estimated : .measured),
                    energy: Microjoules(energies.randomElement(using: &generator) ?? 0),
                    gapEnergy: Microjoules(window % 7 == 0 ? 1000 : 0),
                    staticPower: Bool.random(using: &generator) ? Watts(.random(in: 0...400, using: &generator)) : nil)
                // More than have own coefficients; some come and go.
                let usage = (0..<30).map { id in
                    Self.anyActivity(UInt64(id + window / 40 * 10), using: &generator)
                }
                let split = attributor.attribute(
                    reading,
                    window: UsageWindow(
                        duration: duration,
                        utilization: [0, 0.3, 1, .nan, 7].randomElement(using: &generator) ?? 0,
                        usage: usage, staticWeights: (0..<25).map { UInt64($0) }), into: &shares,
                    staticShares: &staticShares
                )
                #expect(shares.count == usage.count && staticShares.count == usage.count)
                let sum = (shares + staticShares).reduce(0, +) + split.idle.count + split.unattributed.count
                #expect(sum == reading.energy.count + reading.gapEnergy.count)
                #expect(split.staticPower.value.isFinite && split.staticPower.value >= 0)
                for (activity, share) in zip(usage, shares) where share > 0 && method != .cycles {
                    #expect(activity.cpuNanoseconds > 0 || activity.cycles != nil || method == .automatic)
                }
                for value in attributor.diagnosis.coefficients.values { #expect(value.isFinite && value >= 0) }
            }
        }
    }

    @Test func whatAnIdleMachineDrawsIsNotBilledToWhoRuns() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2))
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        // 20 W while idle, then 20 W + 60 W at full load.
        for _ in 0..<30 {
            _ = attributor.attribute(
                ZoneReading(zone: Self.zone(), energy: Microjoules(joules: 20)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0,
                    usage: Self.ran([0, 0])), into: &shares, staticShares: &staticShares)
        }
        let split = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(joules: 80)),
            window: UsageWindow(
                duration: Seconds(1), utilization: 1,
                usage: Self.ran([1_000_000_000, 3_000_000_000])), into: &shares, staticShares: &staticShares)
        #expect(abs(split.idle.joules - 20) < 0.4)
        #expect(abs(Double(shares[0]) / 1e6 - 15) < 0.1)
        #expect(abs(Double(shares[1]) / 1e6 - 45) < 0.3)
        #expect(staticShares == [0, 0])
    }

    @Test func energyOfAWindowInWhichNothingRanIsIdle() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2))
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        let split = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(joules: 50)),
            window: UsageWindow(
                duration: Seconds(1), utilization: 0.5,
                usage: Self.ran([0])), into: &shares, staticShares: &staticShares)
        #expect(split.idle == Microjoules(joules: 50))
    }

    @Test(arguments: [
        (StaticPolicy.none, [0, 0, 0] as [UInt64], 100 as UInt64),
        (.cpuTime, [25, 75, 0], 0),
        (.equal, [50, 0, 50], 0),
        (.requests, [50, 0, 50], 0),
    ])
    func staticEnergyIsSharedByThePolicy(policy: StaticPolicy, expected: [UInt64], idle: UInt64) {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), method: .cpuTime, policy: policy)
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        let split = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(100), staticPower: Watts(1)),
            window: UsageWindow(
                duration: Seconds(1),
                utilization: 0.5, usage: Self.ran([10, 30, 0]), staticWeights: [7, 0, 7]), into: &shares,
            staticShares: &staticShares)
        #expect(staticShares == expected)
        #expect(split.idle.count == idle)
    }

    /// Half of the machine is reserved: the other half of what it draws at rest stays idle.
    @Test func unreservedPowerStaysIdle() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), method: .cpuTime, policy: .requests)
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        let split = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(100), staticPower: Watts(1)),
            window: UsageWindow(
                duration: Seconds(1),
                utilization: 0.5, usage: Self.ran([10, 30]), staticWeights: [300, 200, 500]), into: &shares,
            staticShares: &staticShares)
        #expect(staticShares == [30, 20])
        #expect(split.idle.count == 50)
    }

    @Test func ratioTakesTheUsedShareForActive() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), method: .ratio)
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        let split = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(1000)),
            window: UsageWindow(
                duration: Seconds(1), utilization: 0.25,
                usage: Self.ran([10, 40])), into: &shares, staticShares: &staticShares)
        #expect(shares == [50, 200])
        #expect(split.idle.count == 750)
    }

    @Test func cyclesDecideAndUnknownOnesAreTakenFromTheOthers() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), method: .cycles)
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        let usage = [
            WorkloadUsage(id: 1, cpuNanoseconds: 1_000_000_000, cycles: 1_000_000_000),
            WorkloadUsage(id: 2, cpuNanoseconds: 1_000_000_000, cycles: 3_000_000_000),
            WorkloadUsage(id: 3, cpuNanoseconds: 1_000_000_000),
        ]
        _ = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(600), staticPower: Watts(0)),
            window: UsageWindow(
                duration: Seconds(1),
                utilization: 1, usage: usage), into: &shares, staticShares: &staticShares)
        #expect(shares == [100, 300, 200])
        #expect(attributor.diagnosis.method == "cycles")
        _ = attributor.attribute(
            ZoneReading(zone: Self.zone(), energy: Microjoules(600), staticPower: Watts(0)),
            window: UsageWindow(
                duration: Seconds(1),
                utilization: 1, usage: Self.ran([1, 2])), into: &shares, staticShares: &staticShares)
        #expect(shares == [200, 400])
        #expect(attributor.diagnosis.method == "cpu-time")
    }

    @Test func anEstimatedZoneTeachesNothing() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2))
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        for second in 0..<200 {
            _ = attributor.attribute(
                ZoneReading(
                    zone: Self.zone(.estimated), energy: Microjoules(joules: Double(10 + second % 7)),
                    staticPower: Watts(1)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0.5,
                    usage: Self.ran([UInt64(second % 7) * 100_000_000, 300_000_000])), into: &shares,
                staticShares: &staticShares)
        }
        #expect(attributor.diagnosis.method == "cpu-time")
        #expect(attributor.diagnosis.modelErrorWatts == nil)
    }

    @Test func aZoneWithoutABasisStaysUnattributed() {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), basis: .none)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([7], [7, 7, 7])
        let reading = ZoneReading(zone: Self.zone(), energy: Microjoules(100), gapEnergy: Microjoules(11))
        let split = attributor.attribute(
            reading, window: UsageWindow(duration: Seconds(1), utilization: 1, usage: Self.ran([5, 5])), into: &shares,
            staticShares: &staticShares)
        #expect(shares == [0, 0] && staticShares == [0, 0])
        #expect(split.unattributed == Microjoules(111) && split.idle == .zero)
        #expect(AttributionBasis.usual(for: .platform) == .none && AttributionBasis.usual(for: .dram) == .cpuFeatures)
    }

    /// As of a GPU: CPU time does not matter, and an idle device belongs to no workload.
    @Test(
        arguments: [([1, 0, 3], [250, 0, 750], 1000), ([0, 0, 0], [0, 0, 0], 2000), ([], [0, 0, 0], 2000)]
            as [([UInt64], [UInt64], UInt64)])
    func aDeviceIsDividedByWhatItReports(_ deviceShares: [UInt64], _ expected: [UInt64], _ idle: UInt64) {
        var attributor = ZoneAttributor(prior: IdlePrior(share: 0.2), basis: .deviceShares)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        let zone = Self.zone()
        let split = attributor.attribute(
            ZoneReading(zone: zone, energy: Microjoules(2000), staticPower: Watts(0.001)),
            window: UsageWindow(
                duration: Seconds(1), utilization: 1, usage: Self.ran([0, 9, 1]), deviceShares: [zone.id: deviceShares]),
            into: &shares, staticShares: &staticShares)
        #expect(shares == expected)
        #expect(split.idle.count == idle && split.unattributed == .zero)
    }

    /// A reused window must forget the one before it: workloads that are gone, and those that rest.
    @Test func aReusedWindowIsLikeANewOne() {
        var generator = SeededGenerator(seed: 23)
        var reused = UsageWindow()
        var (one, other) = (ZoneAttributor(prior: IdlePrior(share: 0.2)), ZoneAttributor(prior: IdlePrior(share: 0.2)))
        for _ in 0..<300 {
            let usage = (0..<Int.random(in: 0...40, using: &generator)).map { id in
                Self.anyActivity(UInt64(id), using: &generator)
            }
            let reading = ZoneReading(
                zone: Self.zone(), energy: Microjoules(.random(in: 1...90_000_000, using: &generator)))
            var (shares, statics, others): ([UInt64], [UInt64], [UInt64]) = ([], [], [])
            reused.update(duration: Seconds(1), utilization: 0.5) { $0 += usage }
            _ = one.attribute(reading, window: reused, into: &shares, staticShares: &statics)
            _ = other.attribute(
                reading, window: UsageWindow(duration: Seconds(1), utilization: 0.5, usage: usage), into: &others,
                staticShares: &statics)
            #expect(shares == others)
        }
    }
}
