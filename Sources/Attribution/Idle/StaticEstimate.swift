package import Units

/// What a zone draws whether or not anything runs, and how that is known.
package struct StaticEstimate: Sendable, Equatable {
    package var power: Watts
    /// Contain the true power 19 times out of 20.
    package var bounds: ClosedRange<Watts>
    package var quality: StaticQuality
    /// The lowest load that the figure rests on, as a share of the CPU time (0...1); nil where it rests on none.
    package var quietest: Double?

    package init(_ power: Watts, bounds: ClosedRange<Watts>, quality: StaticQuality, quietest: Double? = nil) {
        self.power = power
        self.bounds = bounds
        self.quality = quality
        self.quietest = quietest
    }
}

/// How static power is known, from the surest to the least sure.
package enum StaticQuality: String, Sendable, CaseIterable, Comparable {
    /// Given by the operator.
    case configured
    /// Measured while next to nothing ran.
    case learned
    /// Extrapolated from how the power followed the load.
    case extrapolated
    /// Published figures of such machines, and no more than that nothing can draw less than it does when idle.
    case prior

    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// What the dynamic energy, as the rest of a zone's energy, is worth at best: the split is part of the figure.
    package var dynamicQuality: Quality {
        switch self {
        case .configured, .learned: .measured
        case .extrapolated: .modelled
        case .prior: .estimated
        }
    }
}
