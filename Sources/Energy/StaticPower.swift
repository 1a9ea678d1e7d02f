/// Learns what a zone draws whether or not anything runs.
///
/// The quietest window seen says most about it: with the node's utilisation `u` and a power curve that rises from
/// `s` (idle, as a share of full power) to 1, a window of power `P` suggests `P * s / (s + (1 - s) * f(u))`. Near
/// `u = 0` that is the measured power itself, whatever `s`; at full load, before any quiet moment was seen, it is
/// the published idle share of the CPU family. `f` is ``CPUPowerProfile/dynamicFraction(at:)``.
package struct StaticPower: Sendable {
    private let idleShare: Double
    /// Utilisation of the quietest window; creeps up so that old knowledge yields to new.
    private var quietest = Double.infinity
    private var estimate: Watts?

    /// Utilisations this close say the same; they are averaged.
    private static let similar = 0.02
    /// Weight of a new window among similar ones.
    private static let smoothing = 0.1
    /// How much the quietest utilisation ages per second: a fully loaded machine relearns within a quarter hour.
    private static let ageing = 0.001

    /// - Parameter idleShare: published idle power as a share of full power, within 0...1.
    package init(idleShare: Double) {
        self.idleShare = min(max(idleShare, 0.01), 1)
    }

    /// The present belief; nil before the first window.
    package var power: Watts? { estimate }

    /// Takes in one window: mean power and mean utilisation (0...1). Windows without energy teach nothing.
    package mutating func observe(power: Watts, utilization: Double, over duration: Seconds) {
        guard power.value > 0, power.value.isFinite, utilization.isFinite, duration.value > 0 else { return }
        let utilization = min(max(utilization, 0), 1)
        let dynamic = (1 - idleShare) * CPUPowerProfile.dynamicFraction(at: utilization)
        let suggestion = Watts(power.value * idleShare / (idleShare + dynamic))
        quietest += Self.ageing * duration.value
        if let estimate, abs(utilization - quietest) < Self.similar {
            self.estimate = estimate * (1 - Self.smoothing) + suggestion * Self.smoothing
            quietest = min(quietest, utilization)
        } else if utilization < quietest {
            estimate = suggestion
            quietest = utilization
        }
    }
}
