package import Attribution
package import Units

/// How much a zone can draw at most, to recognise readings that cannot be true.
///
/// Generous, because a limit that is too low costs true energy: three times the highest figure that is known of the zone,
/// for limits are not enforced on every machine, and those of firmware are at times lower than what is drawn.
package enum PowerLimit {
    /// No node with one meter draws more: a fully equipped eight-socket server stays below.
    package static let anything = Watts(10_000)

    private static let margin = 3.0
    /// Limits of small processors are exceeded by the largest factors.
    private static let least = 200.0

    /// - Parameters:
    ///   - constraints: of the zone itself, `constraint_*_power_limit_uw` and `constraint_*_max_power_uw`, uW. Zero and
    ///     what no zone draws say nothing.
    ///   - design: design power of one package; nil where it is unknown.
    package static func highest(_ component: ZoneID.Component, constraints: [UInt64], design: Watts?) -> Watts {
        let most = highest(component)
        let known = constraints.map { Double($0) / 1e6 }.filter { $0 >= 1 && $0 <= most }.max()
        let figure = [known, component == .package ? design?.value : nil].compactMap(\.self).max()
        return Watts(figure.map { min(max(margin * $0, least), most) } ?? most)
    }

    /// Where nothing is known of the zone itself: above the largest that are sold.
    private static func highest(_ component: ZoneID.Component) -> Double {
        switch component {
        case .package: 3000
        case .dram: 1500
        default: anything.value
        }
    }
}
