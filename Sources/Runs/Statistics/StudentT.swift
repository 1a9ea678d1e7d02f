internal import Glibc

/// Student's t distribution.
package struct StudentT: Sendable, Equatable {
    /// Above zero; need not be whole.
    package let degreesOfFreedom: Double

    package init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The probability of a value of at least `t` in either direction, 0...1.
    package func bothTails(beyond t: Double) -> Double {
        guard !t.isNaN else { return 1 }
        guard t.isFinite else { return 0 }
        // Abramowitz and Stegun, 26.7.1 and 26.5.27
        return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
    }

    /// The value that is exceeded in neither direction with probability `confidence`, 0..<1: 2.262 for 0.95 and 9 degrees of
    /// freedom.
    package func bound(confidence: Double) -> Double {
        let rest = 1 - min(max(confidence, 0), 1 - 1e-12)
        // The tails are convex above zero, so Newton's method approaches from below and never goes too far.
        var t = 0.0
        for _ in 0..<1000 {
            let step = (bothTails(beyond: t) - rest) / (2 * density(at: t))
            t += step
            guard step > 1e-13 * t else { break }
        }
        return t
    }

    private func density(at t: Double) -> Double {
        let v = degreesOfFreedom
        return exp(lgamma((v + 1) / 2) - lgamma(v / 2) - (v + 1) / 2 * log1p(t * t / v)) / (v * .pi).squareRoot()
    }
}

/// The regularised incomplete beta function I_x(a, b) by its continued fraction (Numerical Recipes, 3rd edition, 6.4, with
/// Lentz' method).
private func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast on this side only.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var fraction = d
    for step in 1...1000 {
        let m = Double(step)
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / kept(1 + even * d)
        c = kept(1 + even / c)
        fraction *= d * c
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / kept(1 + odd * d)
        c = kept(1 + odd / c)
        fraction *= d * c
        if abs(d * c - 1) < 1e-15 { break }
    }
    return front * fraction
}
