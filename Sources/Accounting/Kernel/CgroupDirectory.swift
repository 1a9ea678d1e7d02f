internal import CEnergyBPF
internal import Linux

/// Which cgroups exist, from the kernel's lifecycle records and, at the start and after losses, from the file system.
///
/// A cgroup costs some tens of bytes here, however long its name and however deep it lies: of paths only hashes are kept.
final class CgroupDirectory {
    private var entries: [UInt64: Entry] = [:]
    private var dying: [UInt64: Dying] = [:]
    /// Ids by the hash of the path, of those that have a path of their own.
    private var byPath: [Int: UInt64] = [:]
    private var created: [AccountingSample.Cgroup] = []
    private var removed: [UInt64] = []
    private var renamed: [AccountingSample.Cgroup] = []
    /// A cgroup was renamed: all below it have other paths too.
    private var hasRename = false
    private var lostEventsHandled: UInt64 = 0
    private var reportsUntilWalk = 0
    private var hasWalked = false
    /// Number of the walk in progress, or of the last.
    private var walk: UInt32 = 0
    /// Directories that the walk in progress could not look into.
    private var unread: Set<UInt64> = []
    private var reports = 0
    /// Directories that a walk could not look into, since the start.
    private(set) var unreadDirectories: UInt64 = 0
    /// Cgroups that there was no room for, since the start. What they use is that of unknown ones.
    private(set) var refused: UInt64 = 0
    private let hasEvents: Bool
    private let seesAll: Bool
    private let limit: Int
    private let isUsers: (UInt64, String) -> Bool
    /// Directories that were a user's since the last report, by hierarchy and path: while somebody floods one the kernel
    /// lets others wait for milliseconds before it tells them the owner. Root's are looked up every time: root may have
    /// given one away since the record before.
    private var usersDirectories: Set<Int> = []
    private let now: () -> ContinuousClock.Instant

    /// A removed cgroup that memory keeps from being released is forgotten after this long without a change.
    private static let quietLimit = Duration.seconds(10)
    /// Reports between walks where no event announces cgroups.
    private static let walkPause = 10

    /// - Parameters:
    ///   - hasEvents: false where the kernel does not report cgroups: then only walks find them.
    ///   - seesAll: false where the mount shows only a part of the tree: a missing cgroup may still exist then.
    ///   - limit: how many cgroups are kept, besides those that used the CPU.
    ///   - isUsers: whether the directory of a path, in the hierarchy that an id belongs to, is another user's than the
    ///     root of the hierarchy: that user may make cgroups in it.
    ///   - now: the time.
    init(
        hasEvents: Bool, seesAll: Bool, limit: Int = 50000,
        isUsers: @escaping (UInt64, String) -> Bool = { _, _ in false },
        now: @escaping () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.hasEvents = hasEvents
        self.seesAll = seesAll
        self.limit = limit
        self.isUsers = isUsers
        self.now = now
    }

    /// Cgroups that exist, and those that were removed and are not forgotten yet.
    var count: Int { entries.count }

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
            // The kernel cuts a path that does not fit its field, which is then too long for a path of its own.
            if !path.isEmpty { announce(id, NameBytes.text(Array(path))) }
        case ENERGYD_RECORD_CGROUP_RENAMED:
            hasRename = true
        case ENERGYD_RECORD_CGROUP_REMOVED:
            remove(id)
        case ENERGYD_RECORD_CGROUP_RELEASED:
            remove(id)
            dying[id]?.releasedBefore = reports
        default: break
        }
    }

    /// Records the CPU time of a cgroup. False if its id is unknown.
    func noteUsage(of id: UInt64, cpuNanoseconds: UInt64) -> Bool {
        guard !dying.isEmpty, var last = dying[id] else { return knows(id) }
        if cpuNanoseconds != last.lastNanoseconds { last.quietSince = now() }
        last.lastNanoseconds = cpuNanoseconds
        dying[id] = last
        return true
    }

    // MARK: Walks

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

    /// A walk through the file system begins, which may take several reports.
    func beginWalk() {
        walk &+= 1
        hasRename = false
        unread = []
    }

    /// Takes in a cgroup that the walk has found: adds one that was missed, notes one that has another path.
    func visit(_ node: CgroupTree.Node) {
        if node.isUnread { unread.insert(node.id) }
        let hash = node.path.hashValue
        if let known = entries[node.id] {
            let isRename = known.pathHash.map { $0 != hash || known.isDeep != node.isDeep } ?? true
            entries[node.id]?.isWalked = true
            entries[node.id]?.seen = walk
            entries[node.id]?.parent = node.above
            entries[node.id]?.delegation = node.delegation
            guard isRename else { return }
            if let old = known.pathHash, byPath[old] == node.id { byPath[old] = nil }
            entries[node.id]?.pathHash = hash
            entries[node.id]?.isDeep = node.isDeep
            if !node.isDeep { byPath[hash] = node.id }
            renamed.append(.init(node))
            return
        }
        guard add(.init(node), hash) else { return }
        entries[node.id]?.isWalked = true
    }

    /// The walk has seen everything: removes what is gone, ids included whose path cannot be found any more.
    ///
    /// - Parameters:
    ///   - unread: further directories that could not be looked into.
    ///   - unknown: cgroups that were charged and are not known.
    func endWalk(unread more: some Sequence<UInt64>, unknown: some Sequence<UInt64>) {
        hasWalked = true
        unread.formUnion(more)
        unreadDirectories += UInt64(unread.count)
        for id in unknown where entries[id] == nil { entries[id] = Entry() }
        for (id, entry) in entries
        where entry.seen != walk && (seesAll || entry.isWalked) && !entry.isRemoved && !mayBeHidden(entry) {
            remove(id)
        }
        unread = []
        if entries.capacity > 4 * entries.count + 1024 { compact() }
    }

    /// Whether a cgroup that the walk did not see may lie in a directory that it could not look into.
    private func mayBeHidden(_ entry: Entry) -> Bool {
        guard !unread.isEmpty else { return false }
        var next = entry.parent
        // Where its parent is not known, it may be anywhere.
        guard next != 0 else { return true }
        // Longer than any way up that has a path.
        for _ in 0..<64 {
            if unread.contains(next) { return true }
            guard let above = entries[next], above.seen != walk else { return false }
            next = above.parent
        }
        return true
    }

    /// Gives back the memory of many cgroups that are gone.
    private func compact() {
        entries = Dictionary(uniqueKeysWithValues: entries.map { $0 })
        byPath = Dictionary(uniqueKeysWithValues: byPath.map { $0 })
        dying = Dictionary(uniqueKeysWithValues: dying.map { $0 })
    }

    // MARK: Reports

    /// Reports what was created and removed since the last report; parents before their children, in whatever order the
    /// kernel reported them.
    func report(into sample: inout AccountingSample) {
        if created.count > 1 {
            let depths = created.map { $0.path.depth + ($0.isDeep ? 1 : 0) }
            sample.created += created.indices.sorted { depths[$0] < depths[$1] }.map { created[$0] }
        } else {
            sample.created += created
        }
        sample.removed += removed
        sample.renamed += renamed
        let keepsStorage = created.count < 1000
        created.removeAll(keepingCapacity: keepsStorage)
        removed.removeAll(keepingCapacity: keepsStorage)
        renamed.removeAll(keepingCapacity: keepsStorage)
        usersDirectories.removeAll(keepingCapacity: keepsStorage)
    }

    /// Cgroups whose counters the kernel no longer needs to keep, each once. Called at the end of a report: what was
    /// released during it is left for the next, which reads its counters once more.
    func takeForgettable() -> [UInt64] {
        defer { reports += 1 }
        guard !dying.isEmpty else { return [] }
        let now = now()
        let gone = dying.filter { _, last in
            last.releasedBefore.map { $0 < reports } ?? (now - last.quietSince > Self.quietLimit)
        }
        for id in gone.keys {
            if let hash = entries.removeValue(forKey: id)?.pathHash, byPath[hash] == id { byPath[hash] = nil }
            dying[id] = nil
        }
        if entries.capacity > 4 * entries.count + 1024 { compact() }
        return Array(gone.keys)
    }

    /// A cgroup was made: its parent, and who may have made it, follow from its path.
    private func announce(_ id: UInt64, _ path: String) {
        guard entries[id] == nil else { return }
        let own = CgroupTree.fitting(path)
        let isDeep = own.utf8.count != path.utf8.count
        let above = isDeep ? own : own.pathAbove
        let parent = byPath[above.hashValue] ?? 0
        let inherited = entries[parent]?.delegation ?? 0
        let delegation = inherited != 0 ? inherited : belongsToUser(above, id) ? (parent == 0 ? id : parent) : 0
        let cgroup = AccountingSample.Cgroup(
            id: id, path: own, parent: parent, delegation: delegation, isDeep: isDeep)
        _ = add(cgroup, own.hashValue)
    }

    /// Whether the directory of a path, in the hierarchy of `id`, is a user's.
    private func belongsToUser(_ path: String, _ id: UInt64) -> Bool {
        let key = path.hashValue ^ (id & CgroupTree.legacyBit == 0 ? 0 : 1)
        if usersDirectories.contains(key) { return true }
        guard isUsers(id, path) else { return false }
        usersDirectories.insert(key)
        return true
    }

    private func add(_ cgroup: AccountingSample.Cgroup, _ hash: Int) -> Bool {
        guard entries.count < limit else {
            refused += 1
            return false
        }
        entries[cgroup.id] = Entry(
            pathHash: hash, parent: cgroup.parent, delegation: cgroup.delegation, isDeep: cgroup.isDeep, seen: walk)
        if !cgroup.isDeep { byPath[hash] = cgroup.id }
        created.append(cgroup)
        return true
    }

    private func remove(_ id: UInt64) {
        guard entries[id]?.isRemoved == false else { return }
        entries[id]?.isRemoved = true
        dying[id] = Dying(quietSince: now())
        removed.append(id)
    }
}
