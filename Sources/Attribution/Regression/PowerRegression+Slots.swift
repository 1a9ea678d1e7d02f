extension PowerRegression {
    /// The state of a workload with its own coefficients, or of all others together.
    struct Slot: Sendable {
        var id: UInt64?
        /// Features of this window, and smoothed.
        var now = Vector.zero
        var smooth = Vector.zero
        /// Different regimes that the workload was part of.
        var regimes = 0.0
        /// Power expected of the smoothed features, W.
        var power = 0.0
        var isNoticeable = false
    }

    /// Share of the dynamic power from which a workload counts as part of the regime, and gets its own coefficients.
    private static let noticeable = 0.03

    /// Adds the window's features up by slot, and gives the largest workload of the rest a slot where it is
    /// noticeable.
    ///
    /// - Parameter power: dynamic power of the zone, W.
    mutating func assignSlots(_ window: UsageWindow, power: Double) {
        for slot in slots.indices { slots[slot].now = .zero }
        var rest = Vector.zero
        let coefficients = coefficientsOf[Self.rest]
        var largest = (id: UInt64(0), features: Vector.zero, watts: -1.0)
        window.forEachActive { id, features in
            if let slot = slotOf[id] {
                slots[slot].now += features
                return
            }
            rest += features
            let watts = (coefficients * features).sum()
            if watts > largest.watts { largest = (id, features, watts) }
        }
        slots[Self.rest].now = rest
        guard largest.watts >= Self.noticeable * power, power > 0 else { return }
        guard let slot = vacancy(for: largest.watts) else { return }
        slots[slot] = Slot(id: largest.id)
        slots[slot].now = largest.features
        coefficientsOf[slot] = coefficients
        slots[Self.rest].now -= slots[slot].now
        slots[Self.rest].now.replace(with: 0, where: slots[Self.rest].now .< 0)
        updateTable()
    }

    private mutating func updateTable() {
        slotOf = SlotTable(slots.dropLast().enumerated().compactMap { slot, state in state.id.map { ($0, slot) } })
        usedSlots = slots.indices.filter { $0 == Self.rest || slots[$0].id != nil }
    }

    /// A free slot, or that of the smallest workload where the new one draws twice as much.
    private mutating func vacancy(for watts: Double) -> Int? {
        if let free = slots.indices.first(where: { $0 != Self.rest && slots[$0].id == nil }) { return free }
        guard
            let smallest = slots.indices.dropLast().min(by: { slots[$0].power < slots[$1].power }),
            slots[smallest].power * 2 < watts
        else { return nil }
        equations.fix(slot: smallest, at: coefficientsOf[smallest])
        slots[smallest] = Slot()
        return smallest
    }

    /// Counts a regime when a noticeable workload came or went, at most one per two time constants of the filter.
    ///
    /// - Parameter expected: power of all slots, W.
    mutating func countRegimes(after seconds: Double, of expected: Double) {
        sinceRegime += seconds
        var hasChanged = false
        for slot in slots.indices {
            let share = expected > 0 ? slots[slot].power / expected : 0
            let isNoticeable = share > (slots[slot].isNoticeable ? Self.noticeable / 2 : Self.noticeable)
            hasChanged = hasChanged || isNoticeable != slots[slot].isNoticeable
            slots[slot].isNoticeable = isNoticeable
        }
        guard hasChanged else { return }
        let isNew = sinceRegime >= 2 * smoothing
        if isNew { sinceRegime = 0 }
        for slot in slots.indices where slots[slot].isNoticeable {
            slots[slot].regimes = max(1, slots[slot].regimes + (isNew ? 1 : 0))
        }
    }
}
