import Attribution
import TestSupport
import Testing
import Units

/// Two minutes of the life of a node whose memory draws 4 W at rest, 2 W per busy CPU and 20 uJ per page fault, which
/// takes the place of a cache miss, as context switches take that of instructions: `--counters=software`.
@Suite struct MemoryRegressionTests {
    private struct Load: Sendable {
        /// CPUs that it wants.
        var demand: Double
        /// By second of CPU time.
        var switches: Double
        var faults: Double
        /// When it works, s.
        var isOn: @Sendable (Double) -> Bool
    }

    private static let window = 0.5

    /// As on a machine with two CPUs in Tests/IntegrationTests/MemoryProof.swift.
    private static let loads = [
        Load(demand: 0.05, switches: 2000, faults: 2500) { _ in true },
        Load(demand: 1, switches: 900, faults: 0) { $0 >= 10 },
        Load(demand: 0.8, switches: 4000, faults: 55_000) { $0 >= 10 },
        Load(demand: 0.5, switches: 700, faults: 700) { $0 >= 10 },
        Load(demand: 1, switches: 700, faults: 207_000) {
            $0 >= 10 && ($0 - 10).truncatingRemainder(dividingBy: 30) < 15
        },
        Load(demand: 1, switches: 900, faults: 0) { $0 >= 130 },
    ]

    @Test(arguments: [1, 2, 3, 4, 5]) func workThatTouchesMemoryIsFoundInTwoMinutes(seed: UInt64) {
        let (byTime, found) = worstShares(seed: seed)
        #expect(byTime > 0.08, "CPU time would do as well: \(byTime)")
        // 2.0 to 2.2 % with the filter of packages, 2.6 to 2.7 % where context switches are believed as soon as faults.
        #expect(found < 0.015, "\(found)")
    }

    /// A model file of a machine whose accesses cost twice as much.
    @Test(arguments: [1, 2, 3, 4, 5]) func aModelFileIsCorrectedAsSoon(seed: UInt64) {
        let (_, found) = worstShares(seed: seed, learned: [.cpu: 2, .misses: 400])
        #expect(found < 0.015, "\(found)")
    }

    /// How far the worst share of the last half minute is off: by CPU time, and as it was found.
    private func worstShares(
        seed: UInt64, learned: [PowerFeatures.Feature: Double]? = nil
    ) -> (byTime: Double, found: Double) {
        let zone = Zone(ZoneID(.dram, socket: 0), source: "rapl", quality: .measured)
        var agent = ZoneAttributor(prior: IdlePrior(share: 0.5), isMemory: true, learned: learned)
        var generator = SeededGenerator(seed: seed)
        var (shares, staticShares): ([UInt64], [UInt64]) = ([], [])
        var found = [Double](repeating: 0, count: Self.loads.count)
        var (truth, time) = (found, found)
        var late = 0.0
        for step in 0..<320 {
            let now = Double(step) * Self.window
            let wanted = Self.loads.map { $0.isOn(now) ? $0.demand * .random(in: 0.8...1.2, using: &generator) : 0 }
            let scale = min(1, 2 / wanted.reduce(0, +))
            let cpus = wanted.map { $0 * scale * Self.window }
            let faults = zip(Self.loads, cpus).map { $0.faults * $1 * .random(in: 0.95...1.05, using: &generator) }
            let joules = zip(cpus, faults).map { 2 * $0 + 20e-6 * $1 }
            // A meter is late by a part of the window.
            let energy = 4 * Self.window + joules.reduce(0, +)
            let delay = energy * .random(in: 0...0.1, using: &generator)
            let usage = cpus.indices.map { index in
                WorkloadUsage(
                    id: UInt64(index), cpuNanoseconds: UInt64(cpus[index] * 1e9), cycles: UInt64(cpus[index] * 1e9),
                    instructions: UInt64(cpus[index] * Self.loads[index].switches), cacheMisses: UInt64(faults[index]))
            }
            _ = agent.attribute(
                ZoneReading(zone: zone, energy: Microjoules(joules: energy + late - delay)),
                window: UsageWindow(
                    duration: Seconds(Self.window), utilization: min(1, cpus.reduce(0, +) / 2 / Self.window),
                    usage: usage),
                into: &shares, staticShares: &staticShares)
            late = delay
            guard now >= 130 else { continue }
            for index in cpus.indices {
                found[index] += Double(shares[index])
                truth[index] += joules[index]
                time[index] += cpus[index]
            }
        }
        func worst(_ given: [Double]) -> Double {
            let (all, whole) = (given.reduce(0, +), truth.reduce(0, +))
            return zip(given, truth).map { abs($0 / all - $1 / whole) }.max() ?? 0
        }
        return (worst(time), worst(found))
    }
}
