/// Where the time of all CPUs went since the start, as the kernel programs saw it, ns.
package struct CPUTimeTotals: Sendable, Equatable {
    /// Charged to cgroups, to kernel threads, and to the overflow.
    package var charged: UInt64 = 0
    package var idle: UInt64 = 0
    /// No task's, and not idle: interrupts, where the kernel accounts them, its search for the next task when one has
    /// stopped, and time taken by other virtual machines.
    package var stolen: UInt64 = 0
    /// When what was in flight was charged.
    package var moment = SuspendingClock.now
    /// CPUs that are online now.
    package var online: Int = 0
    /// CPUs of the window since the previous reading. Nil where one came or went in it: for how long it was there is not
    /// known, and the window cannot be held against the clock.
    package var onlineThroughout: Int?

    package init() {}

    /// All of it.
    package var accounted: UInt64 { charged &+ idle &+ stolen }
}
