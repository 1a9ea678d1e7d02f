/// The way in which CPU time is accounted, and why.
package struct Tier: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Kernel programs account, and kernel programs write out their totals. Linux 5.19 and later.
        case ebpf
        /// Kernel programs account, and the agent reads their maps. Linux 5.10 and later.
        case ebpfBatch = "ebpf-batch"
        /// `cpu.stat` and `/proc`, without kernel programs.
        case procfs
    }

    package let kind: Kind
    /// One sentence for the user: what was found, or what is missing and how to get it.
    package let reason: String
    /// True where the figures are coarser than they could be.
    package let isDegraded: Bool

    package init(_ kind: Kind, reason: String, isDegraded: Bool) {
        self.kind = kind
        self.reason = reason
        self.isDegraded = isDegraded
    }

    /// As flags, metrics and texts name it.
    package var name: String { kind.rawValue }
}
