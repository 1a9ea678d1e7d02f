/// Who used the CPU, as one of the tiers tells it. All amounts are cumulative.
package protocol Accounting: AnyObject {
    var tier: Tier { get }

    /// Brings `activity` up to date. Counters and cgroups are since boot or since the start, it does not matter
    /// which: the first reading is a base.
    func read(into activity: inout Activity) throws
}

/// The way CPU time is accounted, and why.
package struct Tier: Sendable, Equatable {
    /// `A` or `C`.
    package let name: String
    /// One sentence for the user: what was found, or what is missing and how to get it.
    package let reason: String
    /// True where the figures are coarser than they could be.
    package let isDegraded: Bool
}

/// What an ``Accounting`` found at one tick. Reused from tick to tick for its storage.
package struct Activity {
    package struct Usage {
        package var cgroup: UInt64
        package var cpuNanoseconds: UInt64
        package var switches: UInt64
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
    /// Of those removed now or earlier: their counters have been told for the last time.
    package var forgotten: [UInt64] = []
    package var usage: [Usage] = []
    /// Every process there is; one that ended is reported a last time.
    package var processes: [ProcessUsage] = []
    /// Of kernel threads, ns.
    package var kernelNanoseconds: UInt64 = 0
    /// Of cgroups that the kernel's table had no room for, ns.
    package var overflowNanoseconds: UInt64 = 0
    /// Losses since the start, by name.
    package var faults: [String: UInt64] = [:]

    package init() {}

    /// Empties what is per tick and keeps what is cumulative.
    mutating func beginTick() {
        created.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        forgotten.removeAll(keepingCapacity: true)
        usage.removeAll(keepingCapacity: true)
        processes.removeAll(keepingCapacity: true)
    }
}
