import Attribution
import TestSupport
import Testing
import Units

private let skylake = CPUModel(vendor: "GenuineIntel", family: 6, model: 85, stepping: 4)

@Suite struct StaticPowerTests {
    @Test func atRestTheMeasuredPowerIsTheStaticPower() throws {
        var learner = StaticPower(prior: IdlePrior(share: 0.1))
        for _ in 0..<60 { learner.observe(power: Watts(33), utilization: 0, over: Seconds(1)) }
        let estimate = try #require(learner.estimate)
        #expect(estimate.quality == .learned && estimate.quietest == 0)
        #expect(abs(estimate.power.value - 33) < 0.5 && estimate.bounds.contains(Watts(33)))
        #expect(estimate.bounds.upperBound.value < 34 && estimate.bounds.lowerBound.value > 32)
    }

    /// A load that never varies shows nothing but that the idle power is no more than that.
    @Test func aConstantLoadLeavesThePublishedFigures() throws {
        var learner = StaticPower(prior: IdlePrior(idle: Watts(20), full: Watts(110), within: 2))
        for _ in 0..<600 { learner.observe(power: Watts(80), utilization: 0.5, over: Seconds(1)) }
        let estimate = try #require(learner.estimate)
        #expect(estimate.quality == .prior && estimate.quality.dynamicQuality == .estimated)
        #expect(estimate.power.value > 14 && estimate.power.value < 28)
        #expect(estimate.bounds.lowerBound.value < 12 && estimate.bounds.upperBound.value > 34)
        #expect(estimate.bounds.upperBound.value <= 82)
    }

    @Test func aLoadThatVariesIsExtrapolated() throws {
        var learner = StaticPower(prior: IdlePrior(idle: Watts(5), full: Watts(110), within: 2))
        for round in 0..<300 {
            let load = 0.3 + 0.3 * Double(round / 10 % 2)
            learner.observe(power: Watts(40 + 60 * load), utilization: load, over: Seconds(1))
        }
        let estimate = try #require(learner.estimate)
        #expect(estimate.quality == .extrapolated && estimate.quality.dynamicQuality == .modelled)
        #expect(abs(estimate.power.value - 40) < 6 && estimate.bounds.contains(Watts(40)))
        #expect(abs((estimate.quietest ?? 0) - 0.3) < 1e-9)
    }

    @Test func aMinuteAtRestSettlesItAndLoadAfterwardsTeachesNothing() throws {
        var learner = StaticPower(prior: IdlePrior(share: 0.25))
        for _ in 0..<60 { learner.observe(power: Watts(200), utilization: 1, over: Seconds(1)) }
        for _ in 0..<60 { learner.observe(power: Watts(60), utilization: 0.001, over: Seconds(1)) }
        let quiet = try #require(learner.estimate)
        #expect(quiet.quality == .learned && abs(quiet.power.value - 60) < 1)
        for _ in 0..<600 { learner.observe(power: Watts(250), utilization: 0.9, over: Seconds(1)) }
        let after = try #require(learner.estimate)
        #expect(after.quality == .learned && abs(after.power.value - quiet.power.value) < 1)
    }

    /// A machine that is never quiet again relearns: its settings may have changed.
    @Test func oldKnowledgeFades() throws {
        var learner = StaticPower(prior: IdlePrior(share: 0.25))
        for _ in 0..<100 { learner.observe(power: Watts(60), utilization: 0, over: Seconds(1)) }
        for _ in 0..<5000 { learner.observe(power: Watts(300), utilization: 0.7, over: Seconds(60)) }
        let estimate = try #require(learner.estimate)
        #expect(estimate.quality != .learned && (estimate.quietest ?? 0) > 0.5)
    }

    @Test func garbageTeachesNothing() {
        var learner = StaticPower(prior: IdlePrior(share: 0.25))
        learner.observe(power: Watts(.nan), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(0), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(-5), utilization: 0, over: Seconds(1))
        learner.observe(power: Watts(5), utilization: .nan, over: Seconds(1))
        #expect(learner.estimate == nil)
    }

    /// Whatever comes, figures are finite, positive and within their bounds.
    @Test func noInputBreaksIt() {
        var generator = SeededGenerator(seed: 9)
        let (powers, loads): ([Double], [Double]) = ([1e-9, 1e-3, 1, 50, 1e5, 1e300], [0, 1e-9, 0.5, 1, 7])
        let lengths: [Double] = [1e-6, 1e-3, 1, 60, 1e6]
        for _ in 0..<30 {
            var learner = StaticPower(prior: IdlePrior(share: .random(in: 0...1, using: &generator)))
            for _ in 0..<40 {
                let power = powers.randomElement(using: &generator) ?? 1
                let load = loads.randomElement(using: &generator) ?? 0
                let length = lengths.randomElement(using: &generator) ?? 1
                learner.observe(power: Watts(power), utilization: load, over: Seconds(length))
                guard let estimate = learner.estimate else { continue }
                #expect(estimate.power.value.isFinite && estimate.power.value >= 0)
                #expect(estimate.bounds.lowerBound.value > 0 && estimate.bounds.contains(estimate.power))
            }
        }
    }

    @Test func theWorseQualityCounts() {
        #expect(StaticQuality.allCases.sorted() == [.configured, .learned, .extrapolated, .prior])
        #expect(max(Quality.measured, StaticQuality.prior.dynamicQuality) == .estimated)
        #expect(max(Quality.estimated, StaticQuality.learned.dynamicQuality) == .estimated)
        #expect(StaticQuality.configured.dynamicQuality == .measured)
    }
}

/// The agent was held up, and the window that follows lasts a millisecond: whatever it shows is mostly chance.
@Suite struct ShortWindowTests {
    private let trained: StaticPower = {
        var learner = StaticPower(prior: IdlePrior(share: 0.25))
        for _ in 0..<100 { learner.observe(power: Watts(40), utilization: 0.02, over: Seconds(1)) }
        return learner
    }()

    @Test(arguments: [0, 0.02, 0.03]) func aShortWindowHardlyTeachesAnything(_ utilization: Double) throws {
        var learner = trained
        let before = try #require(learner.estimate).power
        learner.observe(power: Watts(4000), utilization: utilization, over: Seconds(0.001))
        learner.observe(power: Watts(0.001), utilization: utilization, over: Seconds(0.001))
        for _ in 0..<6 { learner.observe(power: Watts(40), utilization: 0.02, over: Seconds(1)) }
        let after = try #require(learner.estimate).power
        #expect(abs(after.value - before.value) < 1, "\(before.value) became \(after.value)")
    }

    /// Nothing but short windows: their mean, so that the first one does not decide.
    @Test func theFirstWindowsOfAllMayBeShort() throws {
        var learner = StaticPower(prior: IdlePrior(share: 0.25))
        learner.observe(power: Watts(4000), utilization: 0, over: Seconds(0.001))
        for _ in 0..<20 { learner.observe(power: Watts(40), utilization: 0, over: Seconds(1)) }
        let power = try #require(learner.estimate).power
        #expect(power.value < 42, "\(power.value)")
    }
}

/// Machines that are simulated with all their noise: the true idle power lies within the bounds.
@Suite struct IdleBoundsTests {
    enum Load: String, CaseIterable {
        case steady, drifting, bursts, rests
    }

    private struct Machine {
        var idle = 30.0
        var perCPU = 8.0
        var cpus = 2.0
        /// W at 0, 10 ... 100 % load, in place of a straight line.
        var curve: [Double]?

        func power(at load: Double) -> Double {
            guard let curve else { return idle + perCPU * cpus * load }
            let place = min(load * 10, 9.999)
            return curve[Int(place)] + (curve[Int(place) + 1] - curve[Int(place)]) * (place - place.rounded(.down))
        }

        var prior: IdlePrior {
            let profile = CPUPowerProfile(for: skylake)
            let band = profile.band(threads: Int(cpus), utilization: 0)
            return IdlePrior(
                idle: profile.watts(threads: Int(cpus), utilization: 0),
                full: profile.watts(threads: Int(cpus), utilization: 1),
                within: (band.upperBound.value / band.lowerBound.value).squareRoot())
        }
    }

    private func run(_ machine: Machine, _ load: Load, seconds: Int, seed: UInt64) throws -> StaticEstimate {
        var generator = SeededGenerator(seed: seed)
        func noise() -> Double { (0..<4).reduce(0) { sum, _ in sum + .random(in: -0.866...0.866, using: &generator) } }
        var learner = StaticPower(prior: machine.prior)
        var (lag, before, drift) = (0.0, 0.0, 0.0)
        for second in 0..<seconds {
            drift = 0.98 * drift + 0.015 * noise()
            let share =
                switch load {
                case .steady: 0.5 + 0.05 / machine.cpus * noise()
                case .drifting: 0.5 + drift
                case .bursts: second / 7 % 2 == 0 ? 0.8 + 0.02 * noise() : 0.2 + 0.02 * noise()
                case .rests: second % 60 < 15 ? 0.003 + 0.001 * abs(noise()) : 0.5 + 0.05 * noise()
                }
            let utilization = min(max(share, 0.001), 1)
            // The counter is up to 20 ms behind.
            let power = machine.power(at: utilization)
            let late = Double.random(in: 0...0.02, using: &generator)
            learner.observe(
                power: Watts(power - late * power + lag * before), utilization: utilization, over: Seconds(1))
            (lag, before) = (late, power)
        }
        return try #require(learner.estimate)
    }

    @Test(arguments: Load.allCases) func theTruthLiesWithinNarrowBounds(_ load: Load) throws {
        let seeds = 100
        var (inside, narrow) = (0, 0)
        for seed in 0..<seeds {
            let estimate = try run(Machine(), load, seconds: 180, seed: UInt64(seed))
            inside += estimate.bounds.contains(Watts(30)) ? 1 : 0
            narrow += estimate.bounds.upperBound.value <= 2.5 * estimate.bounds.lowerBound.value ? 1 : 0
            #expect(estimate.quality == (load == .rests ? .learned : .extrapolated), "seed \(seed)")
        }
        #expect(inside >= 95 && narrow >= 95, "\(load): inside \(inside), narrow \(narrow)")
    }

    /// Machines of other kinds, among them real ones (Teads turbostress reports, 2021, CC0), whose curves are bent: their
    /// bounds may be wide, but they hold.
    @Test(arguments: Load.allCases) func theBoundsHoldForOtherMachines(_ load: Load) throws {
        let curves: [(Double, [Double])] = [
            (96, [59.46, 174.23, 242.55, 299.39, 372.07, 440.93, 522.17, 563.97, 592.22, 605.54, 617.36]),
            (96, [54.71, 137.92, 178.35, 223.88, 272.12, 306.93, 343.82, 375.16, 400.71, 425.65, 440.09]),
            (72, [34.98, 99.86, 125.81, 152.35, 178.49, 205.39, 223.15, 237.65, 250.14, 263.30, 272.33]),
        ]
        var machines = curves.map { Machine(idle: $1[0], cpus: $0, curve: $1) }
        machines += [Machine(cpus: 4), Machine(idle: 45, perCPU: 5, cpus: 8), Machine(idle: 20, perCPU: 6, cpus: 4)]
        for machine in machines {
            var inside = 0
            for seed in 0..<20 {
                let estimate = try run(machine, load, seconds: 120, seed: UInt64(seed))
                inside += estimate.bounds.contains(Watts(machine.idle)) ? 1 : 0
            }
            #expect(inside >= 18, "\(load), idle \(machine.idle) on \(machine.cpus): \(inside)")
        }
    }

    /// What it says does not depend on when it starts, and does not jump.
    @Test func startsAgreeAndNothingJumps() throws {
        var ends: [Double] = []
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var learner = StaticPower(prior: Machine().prior)
            var last: Double?
            for second in 0..<300 {
                let load = 0.5 + Double.random(in: -0.04...0.04, using: &generator)
                let power = Machine().power(at: load) * Double.random(in: 0.99...1.01, using: &generator)
                learner.observe(power: Watts(power), utilization: load, over: Seconds(1))
                let watts = try #require(learner.estimate).power.value
                if let last, second > 10 { #expect(abs(watts - last) < 3, "seed \(seed), second \(second)") }
                last = watts
            }
            ends.append(last ?? 0)
        }
        #expect((ends.max() ?? 9) < 1.25 * (ends.min() ?? 0), "\(ends)")
    }
}
