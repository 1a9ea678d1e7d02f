import Attribution
import TestSupport
import Testing
import Units

/// A machine whose law of power is known, seen through its meter alone.
@Suite struct PowerRegressionTests {
    private let zone = Zone(ZoneID(.package, socket: 0), source: "rapl", quality: .measured)
    private let idle = 40.0

    /// What workload `id` draws alone with `cpus` busy: concave, and each has its own price.
    private func watts(_ id: UInt64, _ cpus: Double) -> Double {
        let price: [UInt64: Double] = [1: 12, 2: 30, 3: 6]
        return (price[id] ?? 10) * cpus.squareRoot()
    }

    /// Lives through `windows` of 1 s; returns each one's energy as given and as true over the last quarter.
    private func live(
        _ agent: inout ZoneAttributor, windows: Int, noise: Double = 1,
        load: (UInt64, Int, inout SeededGenerator) -> Double
    ) -> (given: [Double], truth: [Double]) {
        var generator = SeededGenerator(seed: 11)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        var given = [0.0, 0, 0]
        var truth = given
        for window in 0..<windows {
            let cpus = (1...3).map { load(UInt64($0), window, &generator) }
            let powers = (1...3).map { watts(UInt64($0), cpus[$0 - 1]) }
            let meter = idle + powers.reduce(0, +) + .random(in: -noise...noise, using: &generator)
            _ = agent.attribute(
                ZoneReading(zone: zone, energy: Microjoules(joules: meter), staticPower: Watts(idle)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0.5,
                    usage: (1...3).map {
                        WorkloadUsage(id: UInt64($0), cpuNanoseconds: UInt64(cpus[$0 - 1] * 1e9))
                    }), into: &shares, staticShares: &staticShares)
            guard window >= windows * 3 / 4 else { continue }
            for index in 0..<3 {
                given[index] += Double(shares[index]) / 1e6
                truth[index] += powers[index]
            }
        }
        return (given, truth)
    }

    private func misplaced(_ outcome: (given: [Double], truth: [Double])) -> Double {
        let total = outcome.truth.reduce(0, +)
        return zip(outcome.given, outcome.truth).map { abs($0 - $1) }.reduce(0, +) / 2 / total
    }

    /// Each works for some minutes and rests for some, in different rhythms: the regime changes.
    private func shifts(_ id: UInt64, _ window: Int, _ generator: inout SeededGenerator) -> Double {
        let period = [1: 600, 2: 840, 3: 1020][Int(id)] ?? 600
        return window % period < period / 2 ? .random(in: 0.5...6, using: &generator) : 0
    }

    @Test func changingRegimesShowWhatEachWorkloadDraws() {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3))
        var plain = ZoneAttributor(prior: IdlePrior(share: 0.3), method: .cpuTime)
        let learned = misplaced(live(&agent, windows: 8000, load: shifts))
        let byTime = misplaced(live(&plain, windows: 8000, load: shifts))
        #expect(byTime > 0.12)
        #expect(learned < 0.03)
        #expect(agent.diagnosis.method == "model")
    }

    /// Memory of 2 W per busy CPU and 300 nJ per miss; who misses works for 40 s and rests for 40 s.
    @Test(arguments: [true, false]) func memoryGoesWithMissesSoon(isMemory: Bool) {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3), isMemory: isMemory)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        var (given, truth, whole) = (0.0, 0.0, 0.0)
        for window in 0..<90 {
            let cpus = [window % 80 < 40 ? 0.5 : 0.01, 1.5]
            let misses = [cpus[0] * 2e7, cpus[1] * 1e5]
            let watts = (0...1).map { 2 * cpus[$0] + 3e-7 * misses[$0] }
            let usage: [WorkloadUsage] = (0...1).map { index in
                let cpu = cpus[index]
                return WorkloadUsage(
                    id: UInt64(index), cpuNanoseconds: UInt64(cpu * 1e9), cycles: UInt64(cpu * 3e9),
                    instructions: UInt64(cpu * 4e9), cacheMisses: UInt64(misses[index]))
            }
            let energy = Microjoules(joules: idle + watts[0] + watts[1])
            _ = agent.attribute(
                ZoneReading(zone: zone, energy: energy, staticPower: Watts(idle)),
                window: UsageWindow(
                    duration: Seconds(1),
                    utilization: 0.5, usage: usage), into: &shares, staticShares: &staticShares)
            guard window >= 50 else { continue }
            given += Double(shares[0]) / 1e6
            truth += watts[0]
            whole += watts[0] + watts[1]
        }
        // As if it were a package, it takes longer to find out.
        #expect((abs(given - truth) / whole < 0.02) == isMemory, "\(given) of \(truth) in \(whole)")
    }

    @Test func wherePowerFollowsCPUTimeItStaysWithCPUTime() {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3))
        var generator = SeededGenerator(seed: 5)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        for _ in 0..<2000 {
            let cpus = (0..<3).map { _ in Double.random(in: 0...4, using: &generator) }
            _ = agent.attribute(
                ZoneReading(
                    zone: zone, energy: Microjoules(joules: idle + 9 * cpus.reduce(0, +)), staticPower: Watts(idle)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0.5,
                    usage: cpus.enumerated().map {
                        WorkloadUsage(id: UInt64($0), cpuNanoseconds: UInt64($1 * 1e9))
                    }), into: &shares, staticShares: &staticShares)
        }
        #expect(agent.diagnosis.method == "cpu-time")
        #expect(agent.diagnosis.reason.contains("not better"))
    }

    @Test func aMeterThatLiesForAWhileDoesNotSpoilWhatIsKnown() {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3))
        _ = live(&agent, windows: 6000, load: shifts)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        for _ in 0..<3 {
            _ = agent.attribute(
                ZoneReading(zone: zone, energy: Microjoules(joules: 9000), staticPower: Watts(idle)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0.5,
                    usage: [WorkloadUsage(id: 1, cpuNanoseconds: 1_000_000_000)]), into: &shares,
                staticShares: &staticShares
            )
        }
        #expect(misplaced(live(&agent, windows: 4000, load: shifts)) < 0.05)
    }

    @Test func moreWorkloadsThanHaveOwnCoefficientsAreServedToo() {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3))
        var generator = SeededGenerator(seed: 8)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        for window in 0..<500 {
            let cpus = (0..<100).map { _ in Double.random(in: 0...0.5, using: &generator) }
            let power = idle + cpus.map { 5 * $0.squareRoot() }.reduce(0, +)
            // Half of them are replaced every hundred windows.
            let ids = (0..<100).map { UInt64($0 % 2 == 0 ? $0 : $0 + window / 100 * 1000) }
            _ = agent.attribute(
                ZoneReading(zone: zone, energy: Microjoules(joules: power), staticPower: Watts(idle)),
                window: UsageWindow(
                    duration: Seconds(1), utilization: 0.5,
                    usage: zip(ids, cpus).map { WorkloadUsage(id: $0, cpuNanoseconds: UInt64($1 * 1e9)) }),
                into: &shares, staticShares: &staticShares)
            #expect(shares.allSatisfy { $0 > 0 })
        }
    }

    @Test func whatWasLearnedElsewhereIsUsedWhereNothingIsMeasured() {
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.3), learned: [.cpuRoot: 10])
        let estimated = Zone(ZoneID(.package), source: "model-file", quality: .modelled)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        _ = agent.attribute(
            ZoneReading(zone: estimated, energy: Microjoules(300), staticPower: Watts(0)),
            window: UsageWindow(
                duration: Seconds(1),
                utilization: 0.5,
                usage: [
                    WorkloadUsage(id: 1, cpuNanoseconds: 1_000_000_000),
                    WorkloadUsage(id: 2, cpuNanoseconds: 4_000_000_000),
                ]), into: &shares, staticShares: &staticShares)
        #expect(shares == [100, 200])
        #expect(agent.diagnosis.method == "model")
    }
}
