/// What the kernel programs account, and the capacity of their tables.
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
    /// Hardware events are counted in one run out of this many; nil where they are not counted.
    package var countingPeriod: Int?

    package init() {}
}
