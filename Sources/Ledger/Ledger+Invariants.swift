internal import Units

extension Ledger {
    /// Traps where a part of the ledger contradicts itself or another. For tests: O(workloads x depth).
    package func _checkInvariants() {
        tree._checkInvariants()
        retention._checkInvariants(tree)
        rollUps._checkInvariants()
        processes._checkInvariants(tree)
        precondition(totals.count == tree.capacity && counters.count == tree.capacity)
        var below = [Totals](repeating: Totals(), count: totals.count)
        for (place, workload) in tree.places.enumerated() {
            guard workload.isShown else {
                precondition(totals[place].isZero, "a free place has totals")
                precondition(rollUps.groups(of: place).isEmpty, "a free place is part of roll-ups")
                continue
            }
            if let parent = workload.parent { below[parent].inherit(totals[place]) }
        }
        for (place, workload) in tree.places.enumerated() where workload.isShown {
            precondition(totals[place].contains(below[place]), "\(workload.key) has less than what lies in it")
        }
    }

    /// Of each zone, what the node used less everything that was handed out, uJ. Zero, or there is a defect.
    package func conservationError(zone: Int) -> Int64 {
        func energy(_ totals: Totals) -> Int64 {
            Int64(clamping: totals.dynamicEnergy(zone)) + Int64(clamping: totals.staticEnergy(zone))
        }
        let parts = [node.idle, node.system, node.unattributed].reduce(0) { $0 + energy($1) }
        let top = tree.places.indices.filter { tree.places[$0].isShown && tree.places[$0].parent == nil }
        return energy(node.whole) - parts - top.reduce(0) { $0 + energy(totals[$1]) }
    }
}

extension Totals {
    /// True where another could be a part of this.
    fileprivate func contains(_ other: Totals) -> Bool {
        cpuNanoseconds >= other.cpuNanoseconds && switches >= other.switches
            // Grams are rounded.
            && emissions.value >= other.emissions.value * (1 - 1e-9)
            && (0..<other.zoneCount).allSatisfy {
                dynamicEnergy($0) >= other.dynamicEnergy($0) && staticEnergy($0) >= other.staticEnergy($0)
            }
    }
}
