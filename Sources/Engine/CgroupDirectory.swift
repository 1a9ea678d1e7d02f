internal import CEnergyBPF
internal import Host

/// Which cgroups exist, from the kernel's lifecycle records and, at the start and after losses, from the file system.
final class CgroupDirectory {
    private struct Entry {
        /// Set by rmdir; tasks that are still dying may be charged for a moment longer.
        var isRemoved = false
        /// Set by release: nobody can be charged any more.
        var isReleased = false
        var lastNanoseconds: UInt64 = 0
        /// Reports since the last change of its counter, once removed.
        var quietReports = 0
    }

    private var entries: [UInt64: Entry] = [:]
    private var created: [(id: UInt64, path: String)] = []
    private var removed: [UInt64] = []
    private var lostEventsHandled: UInt64 = 0
    private var reportsUntilWalk = 0
    private var hasWalked = false
    private let hasEvents: Bool

    /// A removed cgroup that memory keeps from being released is forgotten after this many reports without a change.
    private static let quietLimit = 30
    /// Reports between walks that are made only because of a cgroup without a name.
    private static let walkPause = 10

    /// - Parameter hasEvents: false where the kernel does not tell of cgroups: then only walks find them.
    init(hasEvents: Bool) {
        self.hasEvents = hasEvents
    }

    func knows(_ id: UInt64) -> Bool { entries[id] != nil }

    /// Takes in a record of the ring `lifecycle`.
    func note(_ record: UnsafeRawBufferPointer) {
        let header = MemoryLayout<energyd_lifecycle_record>.offset(of: \.path) ?? record.count
        guard record.count >= header else { return }
        let id = record.loadUnaligned(
            fromByteOffset: MemoryLayout<energyd_lifecycle_record>.offset(of: \.key) ?? 8, as: energyd_cgroup_key.self
        ).cgroup
        switch energyd_record_type(record.loadUnaligned(as: UInt32.self)) {
        case ENERGYD_RECORD_CGROUP_CREATED:
            let path = String(decoding: record[header...].prefix { $0 != 0 }, as: UTF8.self)
            if !path.isEmpty { add(id, path) }
        case ENERGYD_RECORD_CGROUP_REMOVED:
            remove(id)
        case ENERGYD_RECORD_CGROUP_RELEASED:
            remove(id)
            entries[id]?.isReleased = true
        default: break
        }
    }

    func noteUsage(of id: UInt64, cpuNanoseconds: UInt64) {
        guard var entry = entries[id], entry.isRemoved else { return }
        entry.quietReports = cpuNanoseconds == entry.lastNanoseconds ? entry.quietReports + 1 : 0
        entry.lastNanoseconds = cpuNanoseconds
        entries[id] = entry
    }

    func needsWalk(hasStranger: Bool, lostEvents: UInt64) -> Bool {
        if reportsUntilWalk > 0 { reportsUntilWalk -= 1 }
        if hasWalked, lostEvents == lostEventsHandled {
            guard hasStranger || !hasEvents, reportsUntilWalk == 0 else { return false }
        }
        lostEventsHandled = lostEvents
        reportsUntilWalk = Self.walkPause
        return true
    }

    /// Compares with the file system: adds what was missed, removes what is gone.
    func reconcile(with nodes: [CgroupTree.Node]) {
        guard !nodes.isEmpty else { return }
        hasWalked = true
        let present = Set(nodes.lazy.map(\.id))
        for node in nodes where entries[node.id] == nil { add(node.id, node.path) }
        for id in entries.keys where !present.contains(id) { remove(id) }
    }

    /// Hands over what came and went since the last report.
    func report(into activity: inout Activity) {
        activity.created += created
        activity.removed += removed
        created.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
    }

    /// Cgroups whose counters the kernel need keep no longer, each once. Called after their counters were read.
    func takeForgettable() -> [UInt64] {
        let gone = entries.filter { $0.value.isReleased || $0.value.quietReports > Self.quietLimit }.map(\.key)
        for id in gone { entries[id] = nil }
        return gone
    }

    private func add(_ id: UInt64, _ path: String) {
        guard entries[id] == nil else { return }
        entries[id] = Entry()
        created.append((id, path))
    }

    private func remove(_ id: UInt64) {
        guard entries[id]?.isRemoved == false else { return }
        entries[id]?.isRemoved = true
        removed.append(id)
    }
}
