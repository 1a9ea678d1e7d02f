package import Units

/// Learns what a zone draws whether or not anything runs.
///
/// The quietest windows show it best. One with the node's utilisation `u` and power `P` suggests `P - D f(u)`,
/// where `f` is ``CPUPowerProfile/dynamicFraction(at:)`` and `D` the span between idle and full power: fitted to this
/// machine's own windows once it was seen under different loads, before that by the published idle share `s`, which
/// makes the suggestion `P s / (s + (1 - s) f(u))`. Near `u = 0` that is the measured power itself, whatever `D`.
///
/// Among similar windows the low ones count: what lies above them was drawn by something. A window counts by its
/// length, up to half a second: after a stall of the agent the next one may last a millisecond, and shows next to nothing.
package struct StaticPower: Sendable {
    private let idleShare: Double
    /// Utilisation of the quietest window; creeps up so that old knowledge yields to new.
    private var quietest = Double.infinity
    private var estimate: Watts?
    /// Length of the windows behind the estimate so far, s.
    private var evidence = 0.0
    /// Running means for the span: of f(u), of the power, of their squares and product; and the time behind them, s.
    private var fraction = 0.0
    private var mean = 0.0
    private var fractionSquare = 0.0
    private var product = 0.0
    private var age = 0.0

    /// Utilisations this close are taken for equal.
    private static let similar = 0.02
    /// Windows of this length and more count in full, s.
    private static let fullLength = 0.5
    /// A window this many times as long as all before it, which were shorter than that, replaces what they showed.
    private static let decisiveLength = 10.0
    /// Weight of a new window among similar ones, where it suggests less and where it suggests more: the level that
    /// one window in ten lies below.
    private static let fall = 0.09
    private static let rise = 0.01
    /// How much the quietest utilisation ages per second: a machine that is never quiet again relearns within days.
    private static let ageing = 2e-6
    /// A window that is quieter by this much replaces what was known.
    private static let decisive = 0.1
    /// Time constant of the span, s, and the least spread of f(u), as a variance, that it can be fitted to.
    private static let memory = 40_000.0
    private static let minVariance = 0.003

    /// - Parameter idleShare: published idle power as a share of full power, within 0...1.
    package init(idleShare: Double) {
        self.idleShare = min(max(idleShare, 0.01), 1)
    }

    /// The present estimate; nil before the first window.
    package var power: Watts? { estimate }

    /// Takes in one window: mean power and mean utilisation (0...1). Windows without energy are ignored.
    package mutating func observe(power: Watts, utilization: Double, over duration: Seconds) {
        guard power.value > 0, power.value.isFinite, utilization.isFinite, duration.value > 0, duration.value.isFinite
        else { return }
        let utilization = min(max(utilization, 0), 1)
        let load = CPUPowerProfile.dynamicFraction(at: utilization)
        learnSpan(power: power.value, load: load, seconds: duration.value)
        let published = power.value * idleShare / (idleShare + (1 - idleShare) * load)
        // Never less than half of what is published for such machines: a fit can go astray, too.
        let suggestion = Watts(span.map { max(power.value - $0 * load, published / 2) } ?? published)
        take(suggestion, utilization: utilization, seconds: duration.value)
    }

    private mutating func take(_ suggestion: Watts, utilization: Double, seconds: Double) {
        let length = min(seconds / Self.fullLength, 1)
        quietest += Self.ageing * seconds
        defer { evidence += seconds }
        guard let estimate, evidence >= Self.fullLength || seconds < Self.decisiveLength * evidence else {
            // The first window, or one much longer than all before, which were too short to count.
            self.estimate = suggestion
            quietest = utilization
            return
        }
        if abs(utilization - quietest) < Self.similar {
            let weight = length * (suggestion < estimate ? Self.fall : Self.rise)
            self.estimate = estimate * (1 - weight) + suggestion * weight
            quietest = min(quietest, quietest + length * (utilization - quietest))
        } else if utilization < quietest {
            // The quieter, the more it shows; but meter and CPU time never describe quite the same moment, and the end
            // of a load looks like a quiet window of high power.
            let weight = length * min(1, (quietest - utilization) / Self.decisive)
            self.estimate = estimate * (1 - weight) + suggestion * weight
            quietest += length * (utilization - quietest)
        }
    }

    /// W between idle and full load; nil until it was seen.
    private var span: Double? {
        let variance = fractionSquare - fraction * fraction
        guard age > 60, variance > Self.minVariance else { return nil }
        return max(0, (product - fraction * mean) / variance)
    }

    private mutating func learnSpan(power: Double, load: Double, seconds: Double) {
        age += seconds
        let gain = min(1, max(seconds / Self.memory, seconds / age))
        fraction += gain * (load - fraction)
        mean += gain * (power - mean)
        fractionSquare += gain * (load * load - fractionSquare)
        product += gain * (load * power - product)
    }
}
