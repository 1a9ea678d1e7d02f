internal import Accounting
internal import Linux
internal import Workloads

/// Cgroups without a workload of their own: they are added up, in one workload for each directory that holds some, so that nothing
/// of what they use is lost.
extension WorkloadTree {
    /// Adds a cgroup to those of `path` that are added up.
    ///
    /// - Parameter slot: that it had before; nil for a new one.
    mutating func fold(_ id: UInt64, below path: String, delegation: UInt64, slot: Int?) {
        enter(sum(below: path, delegation), id, slot: slot, isFolded: true)
    }

    /// The workload that adds up what lies in a directory: `PATH/(other)`, or the container, unit or other workload that
    /// everything below the directory is part of. Where the directory has no workload of its own, or there is no room for
    /// one more, that of a directory above it.
    /// O(depth); O(1) for the directory of the last call.
    private mutating func sum(below path: String, _ delegation: UInt64) -> Int {
        if let lastSum, lastSum.path == path { return lastSum.place }
        var next = path
        while true {
            let own = next == "/" ? "/\(Workload.sumName)" : "\(next)/\(Workload.sumName)"
            let identity = identity(ofPath: own)
            let isPart = identity.path.utf8.count != own.utf8.count
            let key = isPart ? identity.key ?? "" : Workload.sumPrefix + next
            let isAlways = next == "/" || next == Workload.unknownPath
            let isMade = !isPart && (isAlways || byPath[next] != nil && room.admitsSum(delegation))
            if let place = byKey[key] ?? (isMade ? insertSum(own, key: key, delegation) : nil) {
                lastSum = (path, place)
                return place
            }
            next = isPart ? identity.path.pathAbove : next.pathAbove
        }
    }

    private mutating func insertSum(_ path: String, key: String, _ delegation: UInt64) -> Int {
        insert(.plain(path), key: key, cgroup: 0, delegation: delegation)
    }

    /// Notes who may have made a workload of which nothing but its past was known.
    mutating func claim(_ place: Int, by delegation: UInt64) {
        guard places[place].knownCgroups == 0, places[place].delegation != delegation else { return }
        room.leave(places[place])
        places[place].delegation = delegation
        room.enter(places[place])
    }
}
