/// What the kernel programs keep, and the room they have.
package struct KernelState: Sendable, Equatable {
    /// Kernel memory of all maps, bytes.
    package var memoryBytes: UInt64 = 0
    package var cgroupsKept: Int = 0
    package var cgroupCapacity: Int = 0
    /// Names of the classes of ``UsageCounters/classNanoseconds``.
    package var coreClasses: [String] = ["all"]
    package var hasWaits = false
    package var hasSiblings = false
    /// Hardware events in the order of ``UsageCounters/counted``.
    package var counters: [String] = []
    /// One run in so many has its hardware events counted; nil where none are.
    package var countedTurns: Int?

    package init() {}
}
