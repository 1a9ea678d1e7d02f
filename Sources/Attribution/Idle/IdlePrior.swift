internal import Glibc
package import Units

/// What is known of a zone's idle power before anything was seen of it.
///
/// Two figures with their uncertainty, as standard deviations of their logarithms: the idle power, and the span between
/// idle and full power, which is what the load can explain at all. A table may be of another machine altogether (a part
/// of a host, a tuned one, C-states that are off), so one time in twelve any idle power is as likely as any other. A
/// span may well be smaller than published, for not every load is a stress test, but hardly larger.
package struct IdlePrior: Sendable, Equatable {
    /// W; nil where only ``ratio`` is known.
    private var absolute: (idle: Double, span: Double)?
    /// Idle power by span.
    private let ratio: Double
    private let spread: Double
    /// The part of the load that never varies may draw so much more or less per CPU than the part that does: standard
    /// deviation, as a share. What memory draws is no more than loosely tied to CPU time.
    let variety: Double

    /// How often the table is of another machine, by the natural logarithm of the power that it may have then.
    private static let contamination = 0.08 / 5
    /// How far a share may be from the published one, as a natural logarithm.
    private static let farthest = 3.0
    /// Loads differ in what they draw at the same CPU time; so the span is uncertain even where the part is known.
    private static let spanSpread = 0.75
    /// The same where the span is smaller than published, and the degrees of freedom of Student's distribution.
    private static let spanFreedom = 4.0

    /// - Parameters:
    ///   - idle: W of the whole zone.
    ///   - full: W of the whole zone under full load.
    ///   - factor: the idle power lies within this factor of the published one nine times out of ten.
    package init(idle: Watts, full: Watts, within factor: Double) {
        let idle = max(idle.value, 1e-3)
        let span = max(full.value - idle, 1e-3)
        absolute = (idle, span)
        ratio = idle / span
        variety = 0.17
        spread = Self.deviation(factor)
    }

    /// Only the share of the full power that is drawn at rest is known, 0...1: memory, fans, disks.
    package init(share: Double, within factor: Double = 2.5) {
        let share = min(max(share, 0.01), 0.99)
        ratio = share / (1 - share)
        variety = 0.5
        spread = Self.deviation(factor)
    }

    /// A range that holds nine tenths of a normal distribution is 1.645 deviations wide on either side.
    private static func deviation(_ factor: Double) -> Double { max(log(max(factor, 1.05)) / 1.645, 0.1) }

    /// The prior of one of `count` zones alike that the figures cover together.
    package func divided(by count: Int) -> IdlePrior {
        var part = self
        let count = Double(max(count, 1))
        part.absolute = absolute.map { ($0.idle / count, $0.span / count) }
        return part
    }

    /// The span that is most likely beside an idle power, W.
    func span(idle: Double) -> Double { absolute?.span ?? idle / ratio }

    /// The logarithm, but for a constant, of how likely this idle power (W, by its logarithm) and span (W) are.
    ///
    /// Where a machine draws more under load than the table says, it may do so at rest too, or not.
    func logLikelihood(idle: Double, span: Double) -> Double {
        let span = max(span, 1e-12)
        let distance = log(idle / span / ratio)
        let relative = density(distance)
        guard let absolute else {
            // No machine is that different: a span without limit would leave any idle power possible at rest, too.
            let beyond = max(0, abs(distance) - Self.farthest)
            return log(relative + Self.contamination) - beyond * beyond
        }
        let own = density(log(idle / absolute.idle))
        return log((own + relative) / 2 + Self.contamination) + logSpan(log(span / absolute.span))
    }

    /// Of a normal distribution.
    private func density(_ distance: Double) -> Double {
        let score = distance / spread
        return exp(-score * score / 2) / (spread * 2.5066)
    }

    private func logSpan(_ distance: Double) -> Double {
        let score = distance / Self.spanSpread
        if distance > 0 { return -score * score / 2 }
        return -(Self.spanFreedom + 1) / 2 * log(1 + score * score / Self.spanFreedom)
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.ratio == b.ratio && a.spread == b.spread && a.absolute?.idle == b.absolute?.idle
            && a.absolute?.span == b.absolute?.span
    }
}
