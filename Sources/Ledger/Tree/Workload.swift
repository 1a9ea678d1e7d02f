package import Workloads

/// One workload of the tree: what it is, where it belongs, and whether it still lives. What it used is not kept here.
package struct Workload: Sendable {
    /// Unique and stable for as long as the workload is shown: `container:ID`, `unit:PATH`, `cgroup:NUMBER`.
    package internal(set) var key: String
    package internal(set) var identity: CgroupIdentity
    /// The cgroup that is the workload's own; see ``CgroupTree/Node/id``. Zero where it has none.
    package internal(set) var cgroup: UInt64
    /// What is known beyond the path, by OpenTelemetry attribute name.
    package internal(set) var facts: [String: String] = [:]
    /// Its name may still come.
    package internal(set) var isAwaitingName = false
    /// Time at which the last cgroup was removed, s; nil while one lives.
    package internal(set) var endedAt: Double?
    /// Workloads right below.
    package internal(set) var childCount = 0

    /// Who may have made it; see ``CgroupTree/Node/delegation``.
    var delegation: UInt64 = 0
    /// See ``WorkloadID/generation``.
    var generation: UInt32 = 0
    /// Place of the parent in the tree; the tree keeps a parent as long as it has children.
    var parent: Int?
    /// Paths between its own and its parent's at which there is no workload yet.
    var awaited: [String] = []
    /// False for a free place.
    var isShown = true
    /// Of a namespace: its pods that live.
    var liveCgroups = 0
    /// Cgroups that exist, and removed ones whose last counters have not been read yet.
    var knownCgroups = 0

    /// It is the sum of cgroups without a workload of their own.
    package var isSum: Bool { key.utf8.starts(with: Self.sumPrefix.utf8) }

    static let sumPrefix = "other:"
    static let sumName = "(other)"

    /// Its path is not known.
    var isUnknown: Bool { identity.path.utf8.starts(with: Self.unknownPath.utf8) }

    static let unknownPath = "/(unknown)"

    /// Whether it may be folded into its parent once it has been shown long enough. Not while the kernel still counts
    /// for its cgroups: they would appear again as unknown ones, with all they used.
    var isRetirable: Bool { endedAt != nil && childCount == 0 && knownCgroups == 0 }
}

extension CgroupIdentity {
    /// Pods, and containers of pods that have no cgroup of their own.
    package var isMemberOfNamespace: Bool { kind == .pod || podUID != nil && podPath == nil }
}
