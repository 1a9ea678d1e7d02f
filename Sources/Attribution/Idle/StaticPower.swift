package import Units

/// Learns what a zone draws whether or not anything runs, and says how sure that is.
///
/// What was seen is kept as ``LoadLevels``, what was known before as ``IdlePrior``; ``IdlePosterior`` combines the two by
/// their evidence. A machine that was at rest has shown its idle power. One that never was has shown how its power
/// follows its load, as far as that varied; the rest is a prior, and the bounds say how much that leaves open.
package struct StaticPower: Sendable {
    private let prior: IdlePrior
    /// The zones of this kind that the prior covers together.
    package var zonesAlike = 1
    private(set) var levels = LoadLevels()
    /// The block that is not full yet.
    private var block = LoadLevels.Block()
    private var current: StaticEstimate?

    /// Length of a block of a meter that reports means of longer times, or lags behind, s: meter and CPU time describe
    /// the same seconds then.
    private static let slowBlockLength = 30.0
    /// A block ends early where the load changes by more than this, if it has lasted for so long, s.
    private static let change = 0.05
    private static let shortestBlock = 0.9
    /// Dynamic power of the quietest level, as a share of it, up to which the level counts as rest.
    private static let restShare = 0.1
    private static let restLoad = 0.02
    /// W; anything else comes from a broken meter.
    private static let possible = 1e-6...1e6
    /// How far the figure moves with a block, as a share of the way.
    private static let pace = 0.2

    package init(prior: IdlePrior) { self.prior = prior }

    /// The present estimate; nil before the first window.
    package var estimate: StaticEstimate? { current }

    /// Takes in one window: mean power and mean utilisation (0...1). Windows without energy are ignored.
    ///
    /// - Parameter isSlow: the meter is slow: see ``slowBlockLength``.
    package mutating func observe(
        power: Watts, utilization: Double, over duration: Seconds, isSlow: Bool = false
    ) {
        guard Self.possible.contains(power.value), utilization.isFinite, duration.value > 0, duration.value.isFinite
        else { return }
        let load = min(max(utilization, 0), 1)
        let hasChanged = !isSlow && block.seconds >= Self.shortestBlock && abs(load - block.load) > Self.change
        if hasChanged { finishBlock() }
        block.add(power: power.value, load: load, seconds: duration.value)
        let isFull = block.seconds >= (isSlow ? Self.slowBlockLength : LoadLevels.blockLength)
        if isFull { finishBlock() }
        guard isFull || hasChanged || levels.quietest == nil else { return }
        update()
    }

    private mutating func finishBlock() {
        levels.add(block)
        block = LoadLevels.Block()
    }

    /// A gap in the meter: the block that it lies in shows nothing.
    package mutating func skip() { block = LoadLevels.Block() }

    /// Goes on from what was learned earlier.
    mutating func resume(_ earlier: LoadLevels, power: Watts) {
        levels = earlier
        block = LoadLevels.Block()
        current = nil
        update()
        guard let estimate = current else { return }
        current?.power = min(max(power, estimate.bounds.lowerBound), estimate.bounds.upperBound)
    }

    private mutating func update() {
        var known = levels
        // Before a level is known the seconds so far have to do.
        if known.quietest == nil, block.seconds > 0 { known.add(block) }
        let total = known.total
        guard let anchor = known.quietest ?? known.levels.first(where: { $0.count > 0 }), total.count > 0 else {
            return
        }
        let posterior = IdlePosterior(
            prior: prior.divided(by: zonesAlike), anchor: anchor, total: total, highest: known.leastPower)
        let (low, median, high) = posterior.quantiles()
        let power = current.map { $0.power.value + Self.pace * (median - $0.power.value) } ?? median
        let isKnown = anchor.count >= 1
        let isRest =
            isKnown && anchor.shapes[0] <= Self.restLoad * anchor.count
            && anchor.meanPower - median <= Self.restShare * anchor.meanPower
        current = StaticEstimate(
            Watts(min(max(power, low), high)), bounds: Watts(low)...Watts(high),
            quality: isRest ? .learned : posterior.isInformed ? .extrapolated : .prior,
            quietest: isKnown ? anchor.lowest : nil)
    }
}
