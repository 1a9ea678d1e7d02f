/// How many cgroups get a workload of their own, and whose they may be.
///
/// Any user who may make cgroups may make any number of them. What a user made has a part of the room, so that it takes
/// nothing from what root made, nor much from what other users made.
struct Room {
    /// Of all together.
    private let limit: Int
    private var count = 0
    private var delegated = 0
    private var byDelegation: [UInt64: Int] = [:]
    /// The sums of all other cgroups: they take no room from the workloads.
    private var sums = 0
    private var sumsByDelegation: [UInt64: Int] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is room for one more that `delegation` may have made; 0 for root alone.
    func admits(_ delegation: UInt64) -> Bool {
        guard count < limit else { return false }
        guard delegation != 0 else { return true }
        let own = byDelegation[delegation, default: 0]
        // Some for every user, more as long as the others leave it; half of it all remains root's.
        return delegated < limit / 2 && (own < limit / 32 || own < limit / 8 && delegated < limit / 4)
    }

    /// The same for one that adds others up: each is for a directory, so there are few.
    func admitsSum(_ delegation: UInt64) -> Bool {
        sums < limit / 8 && (delegation == 0 || sumsByDelegation[delegation, default: 0] < limit / 32)
    }

    mutating func enter(_ workload: Workload) { change(workload, by: 1) }

    mutating func leave(_ workload: Workload) { change(workload, by: -1) }

    private mutating func change(_ workload: Workload, by step: Int) {
        let owner = workload.delegation
        if workload.isSum {
            sums += step
            if owner != 0 { Self.change(&sumsByDelegation, owner, by: step) }
            return
        }
        count += step
        guard owner != 0 else { return }
        delegated += step
        Self.change(&byDelegation, owner, by: step)
    }

    private static func change(_ counts: inout [UInt64: Int], _ owner: UInt64, by step: Int) {
        counts[owner, default: 0] += step
        if counts[owner] == 0 { counts[owner] = nil }
    }

    /// Traps where it does not agree with what is shown. For tests.
    func _checkInvariants(_ shown: [Workload]) {
        var fresh = Room(limit: limit)
        for workload in shown { fresh.enter(workload) }
        precondition(
            fresh.count == count && fresh.sums == sums && fresh.byDelegation == byDelegation
                && fresh.delegated == delegated && fresh.sumsByDelegation == sumsByDelegation, "the room is miscounted")
    }
}
