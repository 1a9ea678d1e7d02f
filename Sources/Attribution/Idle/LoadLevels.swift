internal import Glibc

/// What a zone drew at which load: sums of blocks of a few seconds, by stretches of load, fading within half a day.
struct LoadLevels: Sendable, Equatable {
    /// Lane by lane the load in the shapes that a curve of power may have; see ``shapes(of:)``.
    typealias Shapes = SIMD4<Double>

    /// Mean load and power of a few seconds.
    struct Block: Sendable, Equatable {
        var seconds = 0.0
        /// Share of the CPU time, 0...1.
        var load = 0.0
        var shapes = Shapes.zero
        /// W.
        var power = 0.0

        /// Takes in a window.
        mutating func add(power watts: Double, load share: Double, seconds length: Double) {
            seconds += length
            let gain = length / seconds
            load += gain * (share - load)
            shapes += gain * (LoadLevels.shapes(of: share) - shapes)
            power += gain * (watts - power)
        }
    }

    /// The blocks of one stretch of load.
    struct Sums: Sendable, Equatable {
        /// Blocks of the usual length; fading.
        var count = 0.0
        /// The lowest load of any.
        var lowest = 1.0
        var power = 0.0
        var powerSquare = 0.0
        var shapes = Shapes.zero
        var shapeSquare = Shapes.zero
        var product = Shapes.zero

        var meanPower: Double { power / count }
        /// Of the power, W^2.
        var variance: Double { max(0, powerSquare / count - meanPower * meanPower) }

        static func += (a: inout Self, b: Self) {
            a.count += b.count
            a.lowest = min(a.lowest, b.lowest)
            a.power += b.power
            a.powerSquare += b.powerSquare
            a.shapes += b.shapes
            a.shapeSquare += b.shapeSquare
            a.product += b.product
        }

        mutating func scale(_ factor: Double) {
            count *= factor
            power *= factor
            powerSquare *= factor
            shapes *= factor
            shapeSquare *= factor
            product *= factor
        }

        mutating func add(_ block: Block, weight: Double) {
            let power = block.power
            var one = Sums(
                count: 1, lowest: block.load, power: power, powerSquare: power * power, shapes: block.shapes,
                shapeSquare: block.shapes * block.shapes, product: block.shapes * power)
            one.scale(weight)
            self += one
        }

        /// Variance of ``meanPower``, W^2: what meters and clocks add up to, above all where little was seen.
        var error: Double {
            let own = LoadLevels.precision * LoadLevels.precision * (1 + 4 / count)
            return variance / count + own * meanPower * meanPower
        }
    }

    /// Where the stretches end.
    private static let ends = [0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.4, 0.6, 0.8, 1]
    static let count = ends.count
    /// Time constant of forgetting, s: a machine that is never quiet again relearns within days.
    private static let memory = 40_000.0
    /// Blocks that count as evidence of a level: about a second.
    private static let enough = 0.3
    /// Length of a block that counts as one, s, and how many a longer one counts as at most.
    static let blockLength = 3.0
    private static let mostWeight = 10.0
    /// How far meters and clocks agree at best, as a share of the power.
    static let precision = 0.005

    /// By stretch; without blocks where nothing was seen.
    var levels = [Sums](repeating: Sums(), count: count)

    /// The load itself, the curve of machines that were measured on bare metal, and a bent one, as i3 and r5 have.
    static func shapes(of load: Double) -> Shapes {
        let usual = CPUPowerProfile.dynamicFraction(at: load)
        // Not below a tenth of load, where it would rise without limit.
        let root = max(usual, CPUPowerProfile.dynamicFraction(at: 0.1)).squareRoot().squareRoot().squareRoot()
        return Shapes(load, usual, usual / root, 0)
    }

    mutating func add(_ block: Block) {
        let keep = exp(-block.seconds / Self.memory)
        for index in levels.indices { levels[index].scale(keep) }
        let index = Self.ends.firstIndex { block.load <= $0 } ?? Self.count - 1
        levels[index].add(block, weight: min(block.seconds / Self.blockLength, Self.mostWeight))
    }

    /// All blocks.
    var total: Sums { levels.reduce(into: Sums()) { $0 += $1 } }

    /// The quietest level that was seen for more than a moment; nil before that.
    var quietest: Sums? { levels.first { $0.count >= Self.enough } }

    /// The least power that any level has on average, W: what a machine draws at rest is no more. Infinite before.
    var leastPower: Double {
        levels.lazy.filter { $0.count >= Self.enough }
            .map { $0.meanPower + 2 * $0.error.squareRoot() }.min() ?? .infinity
    }

    /// Lets the past weigh no more than `blocks` at any level: that of an earlier boot may be of other settings.
    mutating func discount(to blocks: Double) {
        for index in levels.indices where levels[index].count > blocks {
            levels[index].scale(blocks / levels[index].count)
        }
    }
}
