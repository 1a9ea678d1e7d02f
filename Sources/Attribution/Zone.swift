/// A part of the node whose energy is known on its own: a CPU package, the memory, all the rest.
package struct Zone: Hashable, Sendable {
    /// What kind of hardware a zone measures.
    package enum Component: String, Hashable, Sendable, CaseIterable {
        case package
        case dram
        /// The whole node as a meter at its inlet sees it; as a zone of the ledger, what of it no other zone covers.
        case platform

        /// `hw.type` of OpenTelemetry.
        package var hardware: String {
            switch self {
            case .package: "cpu"
            case .dram: "memory"
            case .platform: "enclosure"
            }
        }
    }

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

    /// The name under which energy is exported: `package-0`, `dram-0`; without a number where one figure covers
    /// every socket.
    package let name: String
    package let component: Component
    /// The kind of meter: `rapl`, `model`.
    package let source: String
    package let quality: Quality
    package let method: Method

    /// - Parameter method: a counter, or for an estimate a formula, unless told otherwise.
    package init(name: String, component: Component, source: String, quality: Quality, method: Method? = nil) {
        self.name = name
        self.component = component
        self.source = source
        self.quality = quality
        self.method = method ?? (quality == .measured ? .counter : .computed)
    }
}

/// How a figure was obtained.
package enum Quality: String, Hashable, Sendable {
    /// Read from a meter of this machine.
    case measured
    /// Computed by a model that was fitted against a meter.
    case modelled
    /// Computed from published figures of similar machines; nothing on this machine confirms it.
    case estimated
}
