internal import Glibc

/// How likely which idle power of a zone is, after what was seen: the prior, times how well an idle power explains the
/// power of the quietest level by the slope of power with load.
///
/// Under a hypothesis `I` the quietest level, of power `P`, has `P - I` of dynamic power. Under a shape `g` of the curve
/// the slope `D` that was fitted makes it `D g`, with the error of the fit, and with that of taking the load that varies
/// for all load: the part that never varies may be of another kind. The shapes are weighed by how well they fit.
struct IdlePosterior {
    /// What one shape says.
    private struct Hypothesis {
        /// Logarithm of its weight.
        var weight: Double
        /// Value of the shape over all, which the mean power belongs to.
        var fraction: Double
        /// Value of the shape at the quietest level.
        var anchor: Double
        /// Dynamic power of the quietest level, W, and its variance; nil where the load varied too little to show it.
        var dynamic: (watts: Double, variance: Double)?
    }

    private let prior: IdlePrior
    private let anchor: LoadLevels.Sums
    private let mean: Double
    /// Variance of ``mean``, W^2.
    private let meanError: Double
    private let highest: Double
    private var hypotheses: [Hypothesis] = []

    /// Weights of the shapes before any was seen.
    private static let shapeWeights = [0.6, 0.3, 0.1]
    /// How a machine leaves its sleep is known of no part: what ``IdlePrior/variety`` is besides in the first tenth of load.
    private static let waking = 0.3
    private static let wakingLoad = 0.1
    private static let steps = 64
    /// What the power of a block deviates by before that was seen, as a share, and the blocks that it weighs.
    private static let usualNoise = 0.006
    private static let noiseWeight = 4.0

    /// - Parameter levels: with a block at least.
    init(prior: IdlePrior, anchor: LoadLevels.Sums, total: LoadLevels.Sums, highest: Double) {
        self.prior = prior
        self.anchor = anchor
        self.highest = highest
        mean = total.meanPower
        meanError = Self.usualNoise * Self.usualNoise * mean * mean / total.count
        var fits: [(residual: Double, hypothesis: Hypothesis)] = []
        for lane in 0..<Self.shapeWeights.count {
            let fraction = total.shapes[lane] / total.count
            let share = anchor.shapes[lane] / anchor.count
            var hypothesis = Hypothesis(
                weight: log(Self.shapeWeights[lane]), fraction: max(fraction, 1e-6), anchor: share)
            let spread = total.shapeSquare[lane] / total.count - fraction * fraction
            var residual = total.variance
            // Less than a tenth of a percent of load is no variation.
            if total.count >= 4, spread > 1e-6 {
                let slope = (total.product[lane] / total.count - fraction * mean) / spread
                residual = max(total.variance - slope * slope * spread, 0)
                let evidence = min(total.count, 400)
                // A few blocks may lie on a line by chance.
                let usual = Self.usualNoise * Self.usualNoise * mean * mean
                let noise = (residual * evidence + usual * Self.noiseWeight) / (evidence + Self.noiseWeight)
                let error = noise / spread / max(evidence - 2, 1)
                hypothesis.dynamic = (slope * share, error * share * share)
            }
            fits.append((residual, hypothesis))
        }
        let least = fits.map(\.residual).min() ?? 0
        let floor = max(least, 1e-6 * mean * mean)
        let evidence = min(total.count, 30) / 2
        hypotheses = fits.map { residual, hypothesis in
            var hypothesis = hypothesis
            hypothesis.weight -= evidence * log(max(residual, floor) / floor)
            return hypothesis
        }
    }

    /// True where the load has shown what it draws: the slope is known better than to a third.
    var isInformed: Bool {
        hypotheses.contains { hypothesis in
            guard let dynamic = hypothesis.dynamic else { return false }
            return dynamic.watts > 3 * dynamic.variance.squareRoot()
        }
    }

    private func logLikelihood(_ idle: Double) -> Double {
        let level = anchor.meanPower
        let ownError = anchor.error
        let uncertainty = prior.variety + Self.waking * exp(-anchor.shapes[0] / anchor.count / Self.wakingLoad)
        var terms: [Double] = []
        for hypothesis in hypotheses {
            let term = hypothesis.weight + logPrior(idle, fraction: hypothesis.fraction)
            let supposed = level - idle
            if let dynamic = hypothesis.dynamic {
                let slope = max(dynamic.watts, 0)
                let (known, mix) = (dynamic.variance + ownError, uncertainty * uncertainty * slope)
                let miss = supposed - dynamic.watts
                // As wide for all idle powers, but for the share that it is of what they suppose.
                terms.append(
                    term - miss * miss / (known + mix * max(supposed, 0)) / 2 - log(known + mix * slope) / 2)
            } else {
                // Without a slope, what the mean leaves for the load, in proportion: nothing new where all is one level.
                let ratio = min(hypothesis.anchor / hypothesis.fraction, 1)
                let mix = uncertainty * max(mean - idle, 0) * (1 - ratio)
                let miss = supposed - (mean - idle) * ratio
                terms.append(term - miss * miss / (meanError + ownError + mix * mix) / 2)
            }
        }
        let most = terms.max() ?? 0
        return most + log(terms.reduce(0) { $0 + exp($1 - most) })
    }

    /// The prior of an idle power and of the span that the mean power leaves for it, per watt of that power.
    private func logPrior(_ idle: Double, fraction: Double) -> Double {
        let dynamic = mean - idle
        let error = 2 * LoadLevels.precision * mean
        if dynamic > error {
            return prior.logLikelihood(idle: idle, span: dynamic / fraction) - log(dynamic)
        }
        // Less than can be told from none: any span that is small enough.
        let span = min(prior.span(idle: idle), error / fraction)
        let beyond = max(0, -dynamic / error)
        return prior.logLikelihood(idle: idle, span: span) + 0.5 - log(error) - 2 * beyond * beyond
    }

    /// Median and the bounds that hold 90 % between them, W.
    func quantiles() -> (low: Double, median: Double, high: Double) {
        let highest = min(highest, anchor.meanPower + 2 * anchor.error.squareRoot())
        // Once over all, once more where it matters.
        let rough = quantiles(from: highest / 100, to: highest, at: [0.001, 0.5, 0.999])
        let margin = pow(100, 1 / Double(Self.steps))
        let fine = quantiles(
            from: max(rough[0] / margin, highest / 100), to: min(rough[2] * margin, highest), at: [0.05, 0.5, 0.95])
        return (fine[0], fine[1], fine[2])
    }

    private func quantiles(from low: Double, to high: Double, at shares: [Double]) -> [Double] {
        let step = log(high / low) / Double(Self.steps)
        let points = (0...Self.steps).map { low * exp(Double($0) * step) }
        let logs = points.map(logLikelihood)
        let most = logs.max() ?? 0
        var sums: [Double] = []
        var sum = 0.0
        for index in logs.indices.dropFirst() {
            sum += exp(logs[index] - most) + exp(logs[index - 1] - most)
            sums.append(sum)
        }
        return shares.map { share in
            let wanted = share * sum
            let index = sums.firstIndex { $0 >= wanted } ?? sums.count - 1
            let before = index > 0 ? sums[index - 1] : 0
            let part = sums[index] > before ? (wanted - before) / (sums[index] - before) : 0
            return points[index] * exp(part * step)
        }
    }
}
