/// Where the time of all CPUs went since the start, as the kernel programs saw it, ns.
package struct CPUTimeTotals: Sendable, Equatable {
    /// Charged to cgroups, to kernel threads, and to the overflow.
    package var charged: UInt64 = 0
    package var idle: UInt64 = 0
    /// Interrupts, where the kernel accounts them, and time taken by other virtual machines.
    package var stolen: UInt64 = 0
    /// When the totals were read.
    package var moment = SuspendingClock.now
    /// CPUs that are online now.
    package var online: Int = 0
    /// CPUs that were online at the previous reading too. Only these have a complete window.
    package var onlineThroughout: Int = 0

    package init() {}
}
