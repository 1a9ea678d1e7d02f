extension CrossCheck {
    /// What a comparison of two sources came to.
    package struct Verdict: Sendable, Equatable {
        /// A zone; `inlet` where both measure the whole node, `platform` where its meter is compared with the parts,
        /// `battery` and `parts` where a battery is compared with the node's meter or with the parts.
        package let zone: String
        package let source: String
        package let other: String
        /// Energy of `other` per energy of `source`.
        package let ratio: Double
        package let agrees: Bool
        /// True where both are counters, which must agree closely.
        let areCounters: Bool
    }

    /// Counters are read some milliseconds apart, and windows last a second.
    private static let tolerance = 0.05
    /// Two slow meters are calibrated apart, round to watts and average over times of their own.
    private static let slowTolerance = 0.2
    /// A battery's gauge is coarse, and chargers and screens react slowly.
    private static let looseTolerance = 0.3

    /// The last verdict on each pair, ordered by name.
    ///
    /// - Parameter soFar: also first impressions, of a second or more.
    func verdicts(soFar: Bool = false) -> [Verdict] {
        comparisons.compactMap { pair, comparison in
            comparison.ratio(soFar: soFar).map { ratio in
                Verdict(
                    zone: pair.zone, source: pair.source, other: pair.other, ratio: ratio,
                    agrees: Self.isWithinTolerance(pair, ratio, isSlow: comparison.isSlow),
                    areCounters: !comparison.isSlow)
            }
        }.sorted { ($0.zone, $0.source, $0.other) < ($1.zone, $1.source, $1.other) }
    }

    private static func isWithinTolerance(_ pair: Pair, _ ratio: Double, isSlow: Bool) -> Bool {
        switch pair.zone {
        // The parts may well be less than the whole.
        case "platform": ratio <= 1 + tolerance
        case "parts": ratio <= 1 + looseTolerance
        case "battery": abs(ratio - 1) <= looseTolerance
        // The same whichever of the two comes first.
        default: max(ratio, 1 / ratio) <= 1 + (isSlow ? slowTolerance : tolerance)
        }
    }

    /// Disagreements, for people.
    var notices: [String] { verdicts().filter { !$0.agrees }.map(\.notice) }
}

extension CrossCheck.Verdict {
    fileprivate var notice: String {
        let factor = "\((ratio * 100).rounded() / 100)"
        let remedy = "\(source) is used; to change that, set --power.sources"
        return switch zone {
        case "platform":
            "the node's meter (\(source)) reports less energy than \(other) reports for the parts alone (ratio \(factor)): one "
                + "of them is wrong; leave it out of --power.sources"
        case "parts": "\(other) reports \(factor) times the power that the battery supplies"
        case "battery": "the battery supplies \(factor) times the power that \(source) reports for the node"
        case CrossCheck.inlet:
            "node: \(other) reports \(factor) times the energy that \(source) reports, although both should measure all "
                + "of it; \(remedy)"
        default:
            areCounters
                ? "\(zone): \(other) reports \(factor) times the energy that \(source) reports, although both read the same "
                    + "counter; \(source) is used unless its counter is frozen; to change that, set --power.sources"
                : "\(zone): \(other) reports \(factor) times the energy that \(source) reports, although both measure the "
                    + "same; \(remedy)"
        }
    }
}
