internal import Linux

extension CgroupDirectory {
    struct Entry {
        /// Of its path; nil where that is not known.
        var pathHash: Int?
        /// The last name of its path; nil where it is deep or its path not known, and where there was no room for it.
        var name: String?
        /// Names in its path, 0 for the root.
        var depth: UInt8 = 0
        /// Id of its parent; 0 where that is not known.
        var parent: UInt64 = 0
        /// Of one that is deep, the id of the last above it that has a path.
        var anchor: UInt64 = 0
        /// See ``CgroupTree/Node/delegation``.
        var delegation: UInt64 = 0
        /// See ``CgroupTree/Node/isDeep``.
        var isDeep = false
        /// Found in the file system, where it must stay as long as it lives.
        var isWalked = false
        /// The walk that saw it last, or during which it was announced.
        var seen: UInt32 = 0
        /// Set by rmdir; tasks that are still dying may be charged for a moment longer.
        var isRemoved = false
    }

    /// An entry that was removed and is not forgotten yet.
    struct Dying {
        /// The report before which it was released: from then on nothing is charged to it.
        var releasedBefore: Int?
        var lastNanoseconds: UInt64 = 0
        /// Since when its counter has not changed.
        var quietSince: ContinuousClock.Instant
    }
}

extension AccountingSample.Cgroup {
    init(_ node: CgroupTree.Node) {
        self.init(
            id: node.id, path: node.path, parent: node.above, delegation: node.delegation, isDeep: node.isDeep)
    }
}
