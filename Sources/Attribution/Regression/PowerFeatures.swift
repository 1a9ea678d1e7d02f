/// Quantities that add up over workloads and that dynamic power is a sum of.
///
/// The power that a workload would draw alone is concave in its load: the first busy thread wakes what all share, and
/// each further one finds less clock and less bandwidth. A sum over the workloads of concave functions can tell the
/// workloads apart where the node's totals cannot, so every rate appears twice, as it is and under a square root.
/// Rates are per second of the window, in units that make them about 1 per busy CPU.
package struct PowerFeatures: Sendable, Equatable {
    package enum Feature: Int, Sendable, CaseIterable {
        case cpu, cpuRoot, efficiency, efficiencyRoot, cycles, cyclesRoot, instructions, instructionsRoot
        case misses, missesRoot
        /// Rises to 1 within the first hundredths of a busy CPU: power that a workload costs by running at all.
        case wake

        /// Those that need hardware counters.
        static let ofCounters: [Feature] = [
            .cycles, .cyclesRoot, .instructions, .instructionsRoot, .misses, .missesRoot,
        ]

        /// As metrics and model files call it.
        package var name: String {
            switch self {
            case .cpu: "cpu"
            case .cpuRoot: "cpu_sqrt"
            case .efficiency: "efficiency_cpu"
            case .efficiencyRoot: "efficiency_cpu_sqrt"
            case .cycles: "cycles"
            case .cyclesRoot: "cycles_sqrt"
            case .instructions: "instructions"
            case .instructionsRoot: "instructions_sqrt"
            case .misses: "cache_misses"
            case .missesRoot: "cache_misses_sqrt"
            case .wake: "wake"
            }
        }
    }

    package static let count = Feature.allCases.count

    /// Lanes beyond ``count`` are 0.
    package var values = Vector.zero

    package typealias Vector = SIMD16<Double>

    /// Busy CPUs at which ``Feature/wake`` is one half.
    private static let wakeScale = 0.02
    /// Cycles and instructions per second, and cache misses per second, that count as 1: of the order of a busy CPU.
    private static let cycleScale = 2e9
    private static let missScale = 1e7

    /// No machine has as many CPUs; more comes from a broken clock.
    private static let highestRate = 1e5

    package static let zero = PowerFeatures()

    private init() {}

    /// The features of `usage` over `seconds`, which is positive. Unknown counters are taken from `means`.
    package init(_ usage: WorkloadUsage, seconds: Double, means: CounterMeans) {
        let cpu = Double(usage.cpuNanoseconds) / 1e9
        let efficiency = min(Double(usage.efficiencyNanoseconds ?? 0) / 1e9, cpu)
        set(.cpu, .cpuRoot, (cpu - efficiency) / seconds)
        set(.efficiency, .efficiencyRoot, efficiency / seconds)
        let cycles = CounterMeans.plausible(usage.cycles, in: cpu) ?? cpu * means.cycles
        let instructions = CounterMeans.plausible(usage.instructions, in: cpu) ?? cpu * means.instructions
        let misses = CounterMeans.plausible(usage.cacheMisses, in: cpu) ?? cpu * means.cacheMisses
        set(.cycles, .cyclesRoot, cycles / seconds / Self.cycleScale)
        set(.instructions, .instructionsRoot, instructions / seconds / Self.cycleScale)
        set(.misses, .missesRoot, misses / seconds / Self.missScale)
        values[Feature.wake.rawValue] = cpu > 0 ? cpu / (cpu + Self.wakeScale * seconds) : 0
    }

    private mutating func set(_ linear: Feature, _ root: Feature, _ rate: Double) {
        let rate = min(rate, Self.highestRate)
        values[linear.rawValue] = rate
        values[root.rawValue] = rate.squareRoot()
    }

    package subscript(feature: Feature) -> Double { values[feature.rawValue] }
}
