internal import Attribution

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
        /// Of `source` and of `other`, W.
        let sourceWatts: Double
        let otherWatts: Double
        /// Where the node's meter is compared with its parts.
        let node: ZoneID?
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
            comparison.sums(soFar: soFar).map { sums in
                Verdict(
                    zone: pair.zone, source: pair.source, other: pair.other, ratio: sums.ratio,
                    agrees: Self.isWithinTolerance(pair, sums.ratio, isSlow: comparison.isSlow),
                    areCounters: !comparison.isSlow, sourceWatts: sums.power.source, otherWatts: sums.power.other,
                    node: pair.node)
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
    var notices: [String] { verdicts().filter { !$0.agrees }.map { "\($0.finding); \($0.remedy)" } }
}

extension CrossCheck.Verdict {
    /// True where the processor's own meter of the node is compared with its parts.
    package var isOfPsys: Bool { node == .psys }

    /// What is compared: `package-0 (rapl, perf)`.
    package var title: String { isOfPsys ? "psys (\(source))" : "\(zone) (\(source), \(other))" }

    /// What was compared and seen, in one sentence.
    package var finding: String {
        let factor = "\((ratio * 100).rounded() / 100)"
        let shown = "(\(rounded(otherWatts)) and \(rounded(sourceWatts)) W)"
        return switch zone {
        case "platform" where agrees:
            "packages and memory (\(other)) draw \(rounded(otherWatts)) of the \(rounded(sourceWatts)) W that "
                + "\(meterOfNode) measures for the whole node"
        case "platform":
            "\(meterOfNode) measures \(rounded(sourceWatts)) W for the whole node, less than the "
                + "\(rounded(otherWatts)) W that \(other) measures for the packages and memory inside it: one of them is wrong"
        case "parts": "\(other) reports \(factor) times the power that the battery supplies \(shown)"
        case "battery": "the battery supplies \(factor) times the power that \(source) reports for the node \(shown)"
        case CrossCheck.inlet:
            "node: \(other) reports \(factor) times the energy that \(source) reports \(shown)"
                + (agrees ? "" : ", although both should measure all of it")
        default:
            "\(zone): \(other) reports \(factor) times the energy that \(source) reports \(shown)"
                + (agrees
                    ? "" : areCounters ? ", although both read the same counter" : ", although both measure the same")
        }
    }

    /// What follows from a disagreement, and what to do about it.
    package var remedy: String {
        switch zone {
        case "platform" where isOfPsys:
            "many machines do not wire psys; the node is then the sum of its parts, and there is nothing to do"
        case "platform": "the node is then the sum of its parts; leave the wrong one out of --power.sources"
        case "parts", "battery": "the battery is never the node's meter; a gauge that is far off needs a new battery"
        case CrossCheck.inlet: "\(source) is used; to change that, set --power.sources"
        default:
            areCounters
                ? "\(source) is used unless its counter is frozen; to change that, set --power.sources"
                : "\(source) is used; to change that, set --power.sources"
        }
    }

    private var meterOfNode: String { isOfPsys ? title : source }
}

/// To one digit after the point, for people; whole above a hundred.
package func rounded(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    return abs(value) >= 100 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
}
