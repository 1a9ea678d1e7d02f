/// When freed memory is worth being looked for: after a flood of cgroups, which leaves many small free pieces behind.
struct FreedMemory {
    private var peak = 0
    private var quietTicks = 0

    /// Below this there is nothing to gain.
    private static let smallest = 500
    /// What has just ended is shown for a while, and its memory with it.
    private static let patience = 5

    /// Takes in how many things there are with a tick; true where there have been far more, and no longer are.
    mutating func isDue(_ count: Int) -> Bool {
        peak = max(peak, count)
        guard peak >= Self.smallest, count < peak / 4 * 3 else {
            quietTicks = 0
            return false
        }
        quietTicks += 1
        guard quietTicks >= Self.patience else { return false }
        (peak, quietTicks) = (count, 0)
        return true
    }
}
