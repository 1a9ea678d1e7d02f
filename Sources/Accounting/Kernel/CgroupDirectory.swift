internal import CEnergyBPF
internal import Linux

/// Which cgroups exist, from the kernel's lifecycle records and, at the start and after losses, from the file system.
final class CgroupDirectory {
    private struct Entry {
        /// Empty for a cgroup whose path cannot be found.
        var path = ""
        /// Found in the file system, where it must stay as long as it lives.
        var isWalked = false
        /// Set by rmdir; tasks that are still dying may be charged for a moment longer.
        var isRemoved = false
        /// The report before which it was released: from then on nothing is charged to it.
        var releasedBefore: Int?
        var lastNanoseconds: UInt64 = 0
        /// Since when its counter has not changed, once removed.
        var quietSince: ContinuousClock.Instant?
    }

    private var entries: [UInt64: Entry] = [:]
    /// Those of the entries that were removed and are not forgotten yet.
    private var dying: Set<UInt64> = []
    private var created: [AccountingSample.Cgroup] = []
    private var removed: [UInt64] = []
    private var renamed: [AccountingSample.Cgroup] = []
    /// A cgroup was renamed: all below it have other paths too.
    private var hasRename = false
    private var lostEventsHandled: UInt64 = 0
    private var reportsUntilWalk = 0
    private var hasWalked = false
    private var reports = 0
    /// Directories that a walk could not look into, since the start.
    private(set) var unreadDirectories: UInt64 = 0
    private let hasEvents: Bool
    private let seesAll: Bool
    private let now: () -> ContinuousClock.Instant

    /// A removed cgroup that memory keeps from being released is forgotten after this long without a change.
    private static let quietLimit = Duration.seconds(10)
    /// Reports between walks where no event announces cgroups.
    private static let walkPause = 10

    /// - Parameters:
    ///   - hasEvents: false where the kernel does not report cgroups: then only walks find them.
    ///   - seesAll: false where the mount shows only a part of the tree: a missing cgroup may still exist then.
    ///   - now: the time.
    init(
        hasEvents: Bool, seesAll: Bool, now: @escaping () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.hasEvents = hasEvents
        self.seesAll = seesAll
        self.now = now
    }

    func knows(_ id: UInt64) -> Bool { entries.index(forKey: id) != nil }

    /// Applies a record of the ring `lifecycle`.
    func apply(_ record: UnsafeRawBufferPointer) {
        let header = MemoryLayout<energyd_lifecycle_record>.offset(of: \.path) ?? record.count
        guard record.count >= header else { return }
        let id = record.loadUnaligned(
            fromByteOffset: MemoryLayout<energyd_lifecycle_record>.offset(of: \.key) ?? 8, as: energyd_key.self
        ).cgroupID
        switch energyd_record_type(record.loadUnaligned(as: UInt32.self)) {
        case ENERGYD_RECORD_CGROUP_CREATED:
            let path = record[header...].prefix { $0 != 0 }
            // A path that fills its field was truncated: a walk finds the whole path.
            if !path.isEmpty, path.count < Int(ENERGYD_PATH_LENGTH) - 1 { add(id, NameBytes.text(Array(path))) }
        case ENERGYD_RECORD_CGROUP_RENAMED:
            hasRename = true
        case ENERGYD_RECORD_CGROUP_REMOVED:
            remove(id)
        case ENERGYD_RECORD_CGROUP_RELEASED:
            remove(id)
            entries[id]?.releasedBefore = reports
        default: break
        }
    }

    /// Records the CPU time of a cgroup. False if its id is unknown.
    func noteUsage(of id: UInt64, cpuNanoseconds: UInt64) -> Bool {
        guard !dying.isEmpty, dying.contains(id), var entry = entries[id] else { return knows(id) }
        if cpuNanoseconds != entry.lastNanoseconds { entry.quietSince = now() }
        entry.lastNanoseconds = cpuNanoseconds
        entries[id] = entry
        return true
    }

    func needsWalk(hasUnknown: Bool, lostEvents: UInt64) -> Bool {
        if reportsUntilWalk > 0 { reportsUntilWalk -= 1 }
        if hasWalked, !hasRename, lostEvents == lostEventsHandled {
            // A cgroup with an unknown id is looked up at once, before it is reported; the walk finds it either way.
            guard hasUnknown || !hasEvents && reportsUntilWalk == 0 else { return false }
        }
        lostEventsHandled = lostEvents
        reportsUntilWalk = Self.walkPause
        return true
    }

    /// Compares with the file system: adds what was missed, removes what is gone, ids included whose path cannot be
    /// found any more.
    func reconcile(with nodes: [CgroupTree.Node], unknown: [UInt64]) {
        guard !nodes.isEmpty else { return }
        hasWalked = true
        hasRename = false
        let present = Set(nodes.lazy.map(\.id))
        for node in nodes {
            guard let known = entries[node.id]?.path else {
                add(node.id, node.path)
                entries[node.id]?.isWalked = true
                continue
            }
            entries[node.id]?.isWalked = true
            guard known != node.path else { continue }
            entries[node.id]?.path = node.path
            renamed.append(.init(id: node.id, path: node.path))
        }
        for id in unknown where entries[id] == nil { entries[id] = Entry() }
        let unread = UnreadPaths(nodes)
        unreadDirectories += UInt64(unread.count)
        for (id, entry) in entries
        where !present.contains(id) && (seesAll || entry.isWalked) && !unread.mayHold(entry.path) {
            remove(id)
        }
    }

    /// Reports what was created and removed since the last report; parents before their children, in whatever order the
    /// kernel reported them.
    func report(into sample: inout AccountingSample) {
        sample.created += created.sorted { $0.path.depth < $1.path.depth }
        sample.removed += removed
        sample.renamed += renamed
        created.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        renamed.removeAll(keepingCapacity: true)
    }

    /// Cgroups whose counters the kernel no longer needs to keep, each once. Called at the end of a report: what was
    /// released during it is left for the next, which reads its counters once more.
    func takeForgettable() -> [UInt64] {
        let now = now()
        let gone = dying.filter { id in
            guard let entry = entries[id] else { return true }
            return entry.releasedBefore.map { $0 < reports } ?? entry.quietSince.map { now - $0 > Self.quietLimit }
                ?? false
        }
        for id in gone { entries[id] = nil }
        dying.subtract(gone)
        reports += 1
        return Array(gone)
    }

    private func add(_ id: UInt64, _ path: String) {
        guard entries[id] == nil else { return }
        entries[id] = Entry(path: path)
        created.append(.init(id: id, path: path))
    }

    private func remove(_ id: UInt64) {
        guard entries[id]?.isRemoved == false else { return }
        entries[id]?.isRemoved = true
        entries[id]?.quietSince = now()
        dying.insert(id)
        removed.append(id)
    }
}
