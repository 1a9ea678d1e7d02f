/// A part of the node whose energy is known on its own: a CPU package, the memory, all the rest.
package struct Zone: Hashable, Sendable {
    package typealias Component = ZoneID.Component

    /// How the energy comes about.
    package enum Method: String, Hashable, Sendable {
        /// The difference of two readings of an energy counter.
        case counter
        /// Power readings, added up over time: what lies between two of them is not seen.
        case sampled
        /// A formula.
        case computed
        /// What is left of a wider meter when the zones inside it are taken away.
        case remainder
    }

    package let id: ZoneID
    /// The power source: `rapl`, `estimate`.
    package let source: String
    package let quality: Quality
    package let method: Method

    /// - Parameter method: nil for a counter, or for a formula where the quality is not `measured`.
    package init(_ id: ZoneID, source: String, quality: Quality, method: Method? = nil) {
        self.id = id
        self.source = source
        self.quality = quality
        self.method = method ?? (quality == .measured ? .counter : .computed)
    }

    /// The name under which energy is exported: the text form of ``id``.
    package var name: String { id.description }
    package var component: Component { id.component }
}

/// How a figure was obtained.
package enum Quality: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Read from a meter of this machine.
    case measured
    /// Computed by a model that was fitted against a meter.
    case modelled
    /// Computed from published figures of similar machines; nothing on this machine confirms it.
    case estimated

    /// The worse is the greater.
    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
