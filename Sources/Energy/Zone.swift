/// A part of the node whose energy is known on its own: a CPU package, the memory.
package struct Zone: Hashable, Sendable {
    /// What kind of hardware a zone measures.
    package enum Component: String, Hashable, Sendable {
        case package
        case dram
    }

    /// The name under which energy is exported: `package-0`, `dram-0`; without a number where one figure covers
    /// every socket.
    package let name: String
    package let component: Component
    /// The kind of meter: `rapl`, `model`.
    package let source: String
    package let quality: Quality

    package init(name: String, component: Component, source: String, quality: Quality) {
        self.name = name
        self.component = component
        self.source = source
        self.quality = quality
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
