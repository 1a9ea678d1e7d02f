internal import Units

/// How long the parts of the last tick took, and how ticks went since the start.
struct TickTimes {
    /// Length of the window.
    var window = Seconds(0)
    /// Reading the kernel's counters.
    var drain = Seconds(0)
    /// Looking up names.
    var naming = Seconds(0)
    /// From the first reading of the meters to the snapshot.
    var tick = Seconds(0)
    /// Ticks whose window was longer than one and a half intervals.
    var late: UInt64 = 0
    /// Ticks that could not read CPU time.
    var failed: UInt64 = 0
}
