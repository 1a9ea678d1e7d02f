/// Who used the CPU, as one of the tiers tells it. All amounts are cumulative.
package protocol Accounting: AnyObject {
    var tier: Tier { get }

    /// Brings `activity` up to date. Counters and cgroups are since boot or since the start, it does not matter
    /// which: the first reading is a base.
    func read(into activity: inout Activity) throws
}

/// The way CPU time is accounted, and why.
package struct Tier: Sendable, Equatable {
    /// `A`, `B` or `C`.
    package let name: String
    /// One sentence for the user: what was found, or what is missing and how to get it.
    package let reason: String
    /// True where the figures are coarser than they could be.
    package let isDegraded: Bool
}

/// What an ``Accounting`` found at one tick. Reused from tick to tick for its storage.
package struct Activity {
    package struct Usage {
        /// See ``CgroupTree/Node/id``.
        package var cgroup: UInt64
        package var counters: UsageCounters

        package var cpuNanoseconds: UInt64 { counters.cpuNanoseconds }
    }

    package struct ProcessUsage {
        package var cgroup: UInt64
        package var pid: Int32
        package var cpuNanoseconds: UInt64
        package var comm: String
        /// Its last report.
        package var hasExited = false

        /// A process counts apart in each cgroup that it was in.
        struct Key: Hashable {
            let cgroup: UInt64
            let pid: Int32
        }

        var key: Key { Key(cgroup: cgroup, pid: pid) }
    }

    /// Cgroups that appeared, parents first. Ids may repeat.
    package var created: [(id: UInt64, path: String)] = []
    package var removed: [UInt64] = []
    /// Cgroups that have another path now.
    package var renamed: [(id: UInt64, path: String)] = []
    /// Of those removed now or earlier: their counters have been told for the last time.
    package var forgotten: [UInt64] = []
    package var usage: [Usage] = []
    /// Every process there is; one that ended is reported a last time.
    package var processes: [ProcessUsage] = []
    /// Of kernel threads, ns.
    package var kernelNanoseconds: UInt64 = 0
    /// Of cgroups that the kernel's table had no room for, ns.
    package var overflowNanoseconds: UInt64 = 0
    /// The machine as a whole; nil where only cgroups are known.
    package var cpu: CPUTruth?
    /// What the kernel keeps for the accounting.
    package var kernel: KernelState?
    /// Losses since the start, by name.
    package var faults: [String: UInt64] = [:]

    package init() {}

    /// Empties what is per tick and keeps what is cumulative.
    mutating func beginTick() {
        created.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        renamed.removeAll(keepingCapacity: true)
        forgotten.removeAll(keepingCapacity: true)
        usage.removeAll(keepingCapacity: true)
        processes.removeAll(keepingCapacity: true)
    }
}

/// Where the time of every CPU went since the start, as the kernel programs saw it, ns.
package struct CPUTruth: Sendable, Equatable {
    /// Charged to cgroups, to the kernel's own threads, and to the overflow.
    package var charged: UInt64 = 0
    package var idle: UInt64 = 0
    /// Interrupts, where the kernel accounts them, and other machines on the same hardware.
    package var stolen: UInt64 = 0
    /// When that was so.
    package var moment = SuspendingClock.now
    /// CPUs that are online now.
    package var online: Int = 0
    /// Those of them that were online at the last reading too: only their whole window can add up.
    package var steady: Int = 0
}

/// What the kernel programs take, and whether they have room.
package struct KernelState: Sendable, Equatable {
    /// Of all maps, bytes.
    package var memoryBytes: UInt64 = 0
    package var cgroupsKept: Int = 0
    package var cgroupRoom: Int = 0
    /// Names of the classes of ``UsageCounters/classNanoseconds``.
    package var coreClasses: [String] = ["all"]
    package var hasWaits = false
    package var hasSiblings = false
    /// Hardware counters in the order of ``UsageCounters/counted``.
    package var counters: [String] = []
    /// One turn on a CPU in so many has its hardware counters read.
    package var countedTurns: Int?
}
