/// Learns on line which workload draws what, from nothing but the power of the whole and everybody's activity.
///
/// The dynamic power of a zone is taken for `sum_i u_i . x_i`, with the ``PowerFeatures`` `x_i` of workload `i` and
/// its own coefficients `u_i >= 0`, W. The largest workloads have their own `u_i`, all others share one. Fitted is
///
///     sum_t w_t (P_t - sum_i u_i . x_i,t)^2  +  sum_i T_i |u_i - c|^2  +  L |c - p|^2        (each feature scaled)
///
/// - `c` is what the workloads have in common: it decides as long as only one mix of workloads was seen, because
///   within one mix the parts of a sum cannot be told apart. `T_i` falls with every other mix that `i` was part of.
/// - `p` is the prior, so that the first windows are sensible: half CPU time and half square roots; for memory half CPU
///   time and half cache misses, where those are counted, for each is an access, and these add up.
/// - `w_t` is the window's length, less for outliers (Huber), fading over half a day.
/// - Power and features pass the same low-pass first: meter and CPU time never describe quite the same moment, and an
///   error in `x` would bias `u` low. The sum stays true for smoothed figures, for it is linear in them.
///
/// A step along what is common and two sweeps of coordinate descent per window, warm from the last, solve it well
/// enough. Cost: O((workloads
/// with own coefficients * live features)^2) + O(workloads), independent of the past.
package struct DynamicPowerModel: Sendable {
    typealias Vector = SIMD16<Double>
    private static let width = PowerFeatures.count

    /// Workloads with their own coefficients.
    package static let capacity = 16
    private static let slots = capacity + 1
    private static let dimension = slots * width

    /// Time constant of the low-pass, s.
    private static let smoothing = 30.0
    /// Time constant of forgetting, s.
    private static let memory = 40_000.0
    /// `T` at the first mix and at least, `L`, in seconds of evidence that weigh as much.
    private static let ownStiffness = 200.0
    private static let leastStiffness = 20.0
    private static let priorStiffness = 2.0
    /// The same for the static power's guess.
    private static let baseStiffness = 100.0
    /// `L` for the power of running at all, which is 0 unless shown otherwise.
    private static let wakePrior = 200.0
    /// Deviations beyond this many mean deviations count as if they lay there.
    private static let huber = 2.5
    /// No node draws as much, W.
    private static let highestPower = 1e5
    /// Share of the dynamic power from which a workload counts as part of the mix, and gets its own coefficients.
    private static let noticeable = 0.03

    private struct Slot: Sendable {
        var id: UInt64?
        /// Features of this window and their low-pass.
        var now = Vector.zero
        var smooth = Vector.zero
        /// Different mixes that the workload was part of.
        var mixes = 0.0
        /// Low-passed own power, W.
        var power = 0.0
        var isNoticeable = false
    }

    /// The last one stands for every workload without own coefficients.
    private var table = [Slot](repeating: Slot(), count: slots)
    private var slotOf: [UInt64: Int] = [:]
    private var normal = [Double](repeating: 0, count: dimension * dimension)
    private var right = [Double](repeating: 0, count: dimension)
    private var own = [Vector](repeating: .zero, count: slots)
    /// What the workloads have in common, W per feature.
    private var common = Vector.zero
    private var prior: Vector?
    /// Running means over the node: of each feature, of its square, of the dynamic power.
    private var mean = Vector.zero
    private var square = Vector.zero
    private var meanPower = 0.0
    private var smoothPower = 0.0
    private var smoothBusy = 0.0
    private var deviation = 0.0
    /// The static power as the regression has it, W, and the sums that it is fitted by: of the weights, and of the
    /// weighted features and power.
    private var base = 0.0
    private var weightSum = 0.0
    private var featureSum = [Double](repeating: 0, count: dimension)
    private var powerSum = 0.0
    /// Time that was learned from, s.
    private var age = 0.0
    private var sinceMix = 0.0
    private var undecayed = 0.0
    private static let rest = capacity

    /// True for memory: cache misses are thought to matter.
    private let isMemory: Bool

    package init(isMemory: Bool = false) { self.isMemory = isMemory }

    /// A model that starts from coefficients learned elsewhere, W by feature.
    package init(coefficients: [PowerFeatures.Feature: Double]) {
        isMemory = false
        var vector = Vector.zero
        for (feature, value) in coefficients where value.isFinite && value > 0 { vector[feature.rawValue] = value }
        prior = vector
        common = vector
        own = own.map { _ in vector }
    }

    /// What the workloads have in common, W by feature; without those that never occurred.
    package var coefficients: [PowerFeatures.Feature: Double] {
        var result: [PowerFeatures.Feature: Double] = [:]
        for feature in PowerFeatures.Feature.allCases where square[feature.rawValue] > 0 {
            result[feature] = common[feature.rawValue]
        }
        return result
    }

    /// The dynamic power that a workload is thought to draw, W.
    package func power(of id: UInt64, _ features: PowerFeatures) -> Double {
        (own[slotOf[id] ?? Self.rest] * features.values).sum()
    }

    /// Takes in one window.
    ///
    /// - Parameters:
    ///   - power: of the zone, static power included, W; finite.
    ///   - still: the static power, W, as it is known or guessed at from the quietest windows.
    ///   - isKnown: the static power is given: nothing about it is learned here.
    ///   - features: of every workload that ran, with ids.
    ///   - seconds: length of the window.
    ///   - busy: busy CPUs of the node.
    /// - Returns: the low-passed power, what was expected of it before this window, W, and the low-passed load.
    package mutating func learn(
        power: Double, still: Double, isKnown: Bool = false, ids: [UInt64], features: [PowerFeatures],
        seconds: Double, busy: Double
    ) -> (observed: Double, expected: Double, busy: Double) {
        let seconds = min(seconds, Self.smoothing)
        let power = min(max(power, -Self.highestPower), Self.highestPower)
        age += seconds
        let still = min(max(still, 0), Self.highestPower)
        if isKnown || age <= seconds { base = still }
        place(ids: ids, features: features, power: power - still)
        let gain = max(seconds / (Self.smoothing + seconds), seconds / age)
        smoothPower += gain * (power - smoothPower)
        smoothBusy += gain * (busy - smoothBusy)
        var total = Vector.zero
        var expected = 0.0
        for slot in table.indices {
            table[slot].smooth += gain * (table[slot].now - table[slot].smooth)
            let part = (own[slot] * table[slot].smooth).sum()
            table[slot].power = part
            expected += part
            total += table[slot].smooth
        }
        let share = max(seconds / Self.memory, seconds / age)
        mean += share * (total - mean)
        square += share * (total * total - square)
        meanPower += share * (smoothPower - still - meanPower)
        countMixes(after: seconds, of: expected)
        // How much of the power is dynamic is not what the two methods differ in.
        let dynamic = smoothPower - base
        accumulate(weight: seconds * trust(in: abs(dynamic - expected)), after: seconds)
        shift()
        for _ in 0..<2 {
            if !isKnown { settle(near: still) }
            sweep()
        }
        return (dynamic, expected, smoothBusy)
    }

    // MARK: Who has own coefficients

    private mutating func place(ids: [UInt64], features: [PowerFeatures], power: Double) {
        for slot in table.indices { table[slot].now = .zero }
        var largest: (index: Int, watts: Double)?
        for (index, id) in ids.enumerated() {
            let slot = slotOf[id] ?? Self.rest
            table[slot].now += features[index].values
            guard slot == Self.rest else { continue }
            let watts = (own[slot] * features[index].values).sum()
            if watts > largest?.watts ?? -1 { largest = (index, watts) }
        }
        guard let largest, largest.watts >= Self.noticeable * power, power > 0 else { return }
        guard let slot = vacancy(for: largest.watts) else { return }
        table[slot] = Slot(id: ids[largest.index])
        table[slot].now = features[largest.index].values
        own[slot] = own[Self.rest]
        slotOf[ids[largest.index]] = slot
        table[Self.rest].now -= features[largest.index].values
        table[Self.rest].now.replace(with: 0, where: table[Self.rest].now .< 0)
    }

    /// A free slot, or that of the smallest workload where the new one draws twice as much.
    private mutating func vacancy(for watts: Double) -> Int? {
        if let free = table.indices.first(where: { $0 != Self.rest && table[$0].id == nil }) { return free }
        guard
            let smallest = table.indices.dropLast().min(by: { table[$0].power < table[$1].power }),
            table[smallest].power * 2 < watts
        else { return nil }
        release(smallest)
        return smallest
    }

    /// Fixes what the slot's workload is known to draw, and takes it out of the equations.
    private mutating func release(_ slot: Int) {
        if let id = table[slot].id { slotOf[id] = nil }
        for column in slot * Self.width..<(slot + 1) * Self.width {
            let value = own[slot][column - slot * Self.width]
            powerSum -= featureSum[column] * value
            featureSum[column] = 0
            for row in 0..<Self.dimension {
                right[row] -= normal[row * Self.dimension + column] * value
                normal[row * Self.dimension + column] = 0
                normal[column * Self.dimension + row] = 0
            }
        }
        for row in slot * Self.width..<(slot + 1) * Self.width { right[row] = 0 }
        table[slot] = Slot()
    }

    /// Counts a mix when somebody noticeable came or went, at most one per time constant.
    private mutating func countMixes(after seconds: Double, of expected: Double) {
        sinceMix += seconds
        var hasChanged = false
        for slot in table.indices {
            let share = expected > 0 ? table[slot].power / expected : 0
            let isNoticeable = share > (table[slot].isNoticeable ? Self.noticeable / 2 : Self.noticeable)
            hasChanged = hasChanged || isNoticeable != table[slot].isNoticeable
            table[slot].isNoticeable = isNoticeable
        }
        guard hasChanged else { return }
        let isNew = sinceMix >= 2 * Self.smoothing
        if isNew { sinceMix = 0 }
        for slot in table.indices where table[slot].isNoticeable {
            table[slot].mixes = max(1, table[slot].mixes + (isNew ? 1 : 0))
        }
    }

    // MARK: The equations

    /// 1 for deviations as they are usual, less for greater ones.
    private mutating func trust(in error: Double) -> Double {
        defer {
            deviation =
                deviation == 0 ? error : deviation + 0.02 * (min(error, 5 * deviation) - deviation)
        }
        guard age > Self.smoothing, error > Self.huber * deviation else { return 1 }
        return Self.huber * deviation / error
    }

    private mutating func accumulate(weight: Double, after seconds: Double) {
        undecayed += seconds
        if undecayed > Self.memory / 1000 {
            let keep = max(0, 1 - undecayed / Self.memory)
            undecayed = 0
            for index in normal.indices { normal[index] *= keep }
            for index in right.indices {
                right[index] *= keep
                featureSum[index] *= keep
            }
            weightSum *= keep
            powerSum *= keep
        }
        weightSum += weight
        powerSum += weight * smoothPower
        let live = live
        for slot in table.indices where table[slot].smooth.max() > 1e-9 {
            for other in table.indices where table[other].smooth.max() > 1e-9 {
                for row in live {
                    let base = (slot * Self.width + row) * Self.dimension + other * Self.width
                    let factor = weight * table[slot].smooth[row]
                    for column in live { normal[base + column] += factor * table[other].smooth[column] }
                }
            }
            for row in live {
                featureSum[slot * Self.width + row] += weight * table[slot].smooth[row]
                right[slot * Self.width + row] += weight * table[slot].smooth[row] * smoothPower
            }
        }
    }

    /// Features that ever occurred.
    private var live: [Int] { (0..<Self.width).filter { square[$0] > 0 } }

    private func stiffness(_ slot: Int, _ feature: Int) -> Double {
        let mixes = max(1, table[slot].mixes)
        let seconds = max(Self.leastStiffness, Self.ownStiffness / mixes)
        return seconds * square[feature]
    }

    private func priorValue(_ feature: Int, counted: Bool) -> Double {
        if let prior { return prior[feature] }
        guard mean[feature] > 0 else { return 0 }
        if isMemory, square[PowerFeatures.Feature.misses.rawValue] > 0 {
            let matters = [PowerFeatures.Feature.cpu, .efficiency, .misses].contains { $0.rawValue == feature }
            return matters ? 0.5 * max(0, meanPower) / mean[feature] : 0
        }
        let share: Double =
            switch PowerFeatures.Feature(rawValue: feature) {
            case .cpu, .efficiency: 0.5
            case .cpuRoot, .efficiencyRoot: counted ? 0.25 : 0.5
            case .cyclesRoot: 0.25
            default: 0
            }
        return share * max(0, meanPower) / mean[feature]
    }

    /// Fits the static power to what the present coefficients leave over.
    private mutating func settle(near still: Double) {
        var left = powerSum + Self.baseStiffness * still
        for slot in table.indices {
            let start = slot * Self.width
            for column in 0..<Self.width { left -= featureSum[start + column] * own[slot][column] }
        }
        base = max(0, left / (weightSum + Self.baseStiffness))
    }

    /// Moves what the workloads have in common, and all of them with it, to where the sum is met best. One coordinate
    /// after the other would take minutes for that, because each is tied to the rest: after a quiet start, in which
    /// next to nothing ran, coefficients are out by orders of magnitude.
    private mutating func shift() {
        let live = live
        let counted = square[PowerFeatures.Feature.cycles.rawValue] > 0
        let used = table.indices.filter { $0 == Self.rest || table[$0].id != nil }
        for feature in live {
            let pull = pull(feature)
            var slope = pull * (priorValue(feature, counted: counted) - common[feature])
            var curvature = pull
            for slot in used {
                let row = slot * Self.width + feature
                let line = row * Self.dimension
                slope += right[row] - featureSum[row] * base
                for other in used {
                    let start = line + other * Self.width
                    for column in live { slope -= normal[start + column] * own[other][column] }
                    curvature += normal[start + feature]
                }
            }
            guard curvature > 0 else { continue }
            let step = slope / curvature
            common[feature] = max(0, common[feature] + step)
            for slot in used { own[slot][feature] = max(0, own[slot][feature] + step) }
        }
    }

    /// How much the prior of a feature weighs.
    private func pull(_ feature: Int) -> Double {
        let isWake = feature == PowerFeatures.Feature.wake.rawValue
        return (isWake ? Self.wakePrior : Self.priorStiffness) * square[feature]
    }

    private mutating func sweep() {
        let live = live
        let counted = square[PowerFeatures.Feature.cycles.rawValue] > 0
        let used = table.indices.filter { $0 == Self.rest || table[$0].id != nil }
        for feature in live {
            let pull = pull(feature)
            var weights = pull
            var sum = pull * priorValue(feature, counted: counted)
            for slot in used where table[slot].mixes > 0 {
                let stiffness = stiffness(slot, feature)
                weights += stiffness
                sum += stiffness * own[slot][feature]
            }
            common[feature] = weights > 0 ? sum / weights : 0
        }
        for slot in used {
            for feature in live {
                let stiffness = stiffness(slot, feature)
                let row = slot * Self.width + feature
                let line = row * Self.dimension
                var residual = right[row] - featureSum[row] * base + stiffness * common[feature]
                for other in used {
                    let start = line + other * Self.width
                    for column in live { residual -= normal[start + column] * own[other][column] }
                }
                residual += normal[line + row] * own[slot][feature]
                let divisor = normal[line + row] + stiffness
                own[slot][feature] = divisor > 0 ? max(0, residual / divisor) : 0
            }
        }
    }
}
