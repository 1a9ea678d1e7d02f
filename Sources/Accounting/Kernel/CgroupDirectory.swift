internal import CEnergyBPF
internal import Linux

/// Which cgroups exist, from the kernel's lifecycle records and, at the start and after losses, from the file system.
///
/// A cgroup costs some tens of bytes here and its name, however deep it lies: paths are put together from the names.
final class CgroupDirectory {
    var entries: [UInt64: Entry] = [:]
    /// Bytes of the names that users gave.
    var userNameBytes = 0
    private var dying: [UInt64: Dying] = [:]
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
    /// The deepest level at which a cgroup was seen, since the start.
    private(set) var deepest = 0
    /// A cgroup was created below one whose path is not known: a walk finds both, when the next is due.
    private var hasOrphan = false
    private var hasEvents: Bool
    private let seesAll: Bool
    private let limit: Int
    let nameLimit: Int
    let isUsers: (UInt64, String) -> Bool
    /// Cgroups whose directory was a user's since the last report: while somebody floods one the kernel lets others wait
    /// for milliseconds before it shows them the owner. Root's are looked up every time: root may have given one away since
    /// the record before.
    var usersDirectories: Set<UInt64> = []
    private let now: () -> ContinuousClock.Instant

    /// A removed cgroup that memory keeps from being released is forgotten after this long without a change.
    private static let quietLimit = Duration.seconds(10)
    /// Reports between walks where no event announces cgroups.
    private static let walkPause = 10

    /// - Parameters:
    ///   - hasEvents: false where the kernel does not report cgroups: then only walks find them.
    ///   - seesAll: false where the mount shows only a part of the tree: a missing cgroup may still exist then.
    ///   - limit: how many cgroups are kept, besides those that used the CPU.
    ///   - nameLimit: bytes of names that users gave that are kept. What is made below others is found by walks.
    ///   - isUsers: whether another user than whom the root of the hierarchy belongs to may make cgroups in the directory
    ///     of a path, in the hierarchy that an id belongs to.
    ///   - now: the time.
    init(
        hasEvents: Bool, seesAll: Bool, limit: Int = 50000, nameLimit: Int = 4 << 20,
        isUsers: @escaping (UInt64, String) -> Bool = { _, _ in false },
        now: @escaping () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.hasEvents = hasEvents
        self.seesAll = seesAll
        self.limit = limit
        self.nameLimit = nameLimit
        self.isUsers = isUsers
        self.now = now
    }

    /// Cgroups that exist, and those that were removed and are not forgotten yet.
    var count: Int { entries.count }

    func knows(_ id: UInt64) -> Bool { entries.index(forKey: id) != nil }

    /// From here on only walks find cgroups.
    func endEvents() { hasEvents = false }

    /// Applies a record of the ring `lifecycle`.
    func apply(_ record: UnsafeRawBufferPointer) {
        let header = MemoryLayout<energyd_lifecycle_record>.size
        guard record.count >= header else { return }
        let head = record.loadUnaligned(as: energyd_lifecycle_record.self)
        let id = head.key.cgroupID
        switch energyd_record_type(head.type) {
        case ENERGYD_RECORD_CGROUP_CREATED:
            deepest = max(deepest, Int(head.level))
            guard entries[id] == nil, hasRoom() else { return }
            let name = NameBytes.text(Array(record[header...].prefix { $0 != 0 }))
            if let cgroup = cgroup(id, name, head) { add(cgroup) } else { hasOrphan = true }
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
            guard hasUnknown || (!hasEvents || hasOrphan) && reportsUntilWalk == 0 else { return false }
        }
        lostEventsHandled = lostEvents
        reportsUntilWalk = Self.walkPause
        return true
    }

    /// A walk through the file system begins, which may take several reports.
    func beginWalk() {
        walk &+= 1
        hasRename = false
        hasOrphan = false
        unread = []
    }

    /// Takes in a cgroup that the walk has found: adds one that was missed, notes one that has another path.
    func visit(_ node: CgroupTree.Node) {
        deepest = max(deepest, node.level)
        if node.isUnread { unread.insert(node.id) }
        guard let known = entries[node.id] else {
            guard hasRoom() else { return }
            add(.init(node))
            entries[node.id]?.isWalked = true
            return
        }
        let hash = node.path.hashValue
        let isRename = known.pathHash.map { $0 != hash || known.isDeep != node.isDeep } ?? true
        entries[node.id]?.isWalked = true
        entries[node.id]?.seen = walk
        entries[node.id]?.parent = node.above
        if isRename || known.name == nil && !known.isDeep || known.delegation != node.delegation {
            place(.init(node), hash)
        }
        if isRename { renamed.append(.init(node)) }
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
        dying = Dictionary(uniqueKeysWithValues: dying.map { $0 })
    }

    // MARK: Reports

    /// Reports what was created and removed since the last report; parents before their children.
    func report(into sample: inout AccountingSample) {
        sample.created += created
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
            dropName(of: id)
            entries[id] = nil
            dying[id] = nil
        }
        if entries.capacity > 4 * entries.count + 1024 { compact() }
        return Array(gone.keys)
    }

    private func hasRoom() -> Bool {
        if entries.count >= limit { refused += 1 }
        return entries.count < limit
    }

    private func add(_ cgroup: AccountingSample.Cgroup) {
        entries[cgroup.id] = Entry(parent: cgroup.parent, seen: walk)
        place(cgroup, cgroup.path.hashValue)
        created.append(cgroup)
    }

    private func remove(_ id: UInt64) {
        guard entries[id]?.isRemoved == false else { return }
        entries[id]?.isRemoved = true
        dying[id] = Dying(quietSince: now())
        removed.append(id)
    }
}
