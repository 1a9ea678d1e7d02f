/// What an ``Accounting`` read at one tick. Reused from tick to tick for its storage.
package struct AccountingSample: Sendable, Equatable {
    package struct Usage: Sendable, Equatable {
        /// See ``CgroupTree/Node/id``.
        package var cgroup: UInt64
        package var counters: UsageCounters

        package var cpuNanoseconds: UInt64 { counters.cpuNanoseconds }

        package init(cgroup: UInt64, counters: UsageCounters) {
            self.cgroup = cgroup
            self.counters = counters
        }
    }

    package struct ProcessUsage: Sendable, Equatable {
        package var cgroup: UInt64
        package var pid: Int32
        package var cpuNanoseconds: UInt64
        package var comm: String
        /// Set in the last report of a process.
        package var hasExited: Bool

        /// A process counts separately in each cgroup that it was in.
        package struct Key: Hashable, Sendable {
            package let cgroup: UInt64
            package let pid: Int32

            package init(cgroup: UInt64, pid: Int32) {
                self.cgroup = cgroup
                self.pid = pid
            }
        }

        package var key: Key { Key(cgroup: cgroup, pid: pid) }

        package init(cgroup: UInt64, pid: Int32, cpuNanoseconds: UInt64, comm: String, hasExited: Bool = false) {
            self.cgroup = cgroup
            self.pid = pid
            self.cpuNanoseconds = cpuNanoseconds
            self.comm = comm
            self.hasExited = hasExited
        }
    }

    /// A cgroup and its path from the root of its hierarchy.
    package struct Cgroup: Sendable, Equatable {
        package var id: UInt64
        package var path: String
        /// Id of the one that it lies in; 0 where that is not known.
        package var parent: UInt64
        /// Who may have made it: the id of the topmost directory of another user above it, or 0 for root alone. See
        /// ``CgroupTree/Node/delegation``.
        package var delegation: UInt64
        /// It lies too deep for a path of its own: ``path`` is that of the last above it that has one.
        package var isDeep: Bool

        package init(id: UInt64, path: String, parent: UInt64 = 0, delegation: UInt64 = 0, isDeep: Bool = false) {
            self.id = id
            self.path = path
            self.parent = parent
            self.delegation = delegation
            self.isDeep = isDeep
        }
    }

    /// Cgroups that appeared, parents first. Ids may repeat.
    package var created: [Cgroup] = []
    package var removed: [UInt64] = []
    /// Cgroups that have another path now.
    package var renamed: [Cgroup] = []
    /// Cgroups, removed now or earlier, whose counters are final. Their ids may be used again from here on.
    package var forgotten: [UInt64] = []
    /// Cgroups whose counters changed since the last sample. Those that are missing have what they had.
    package var usage: [Usage] = []
    /// Every process there is; one that exited is reported once more.
    package var processes: [ProcessUsage] = []
    /// CPU time of kernel threads that belong to no cgroup but the root, ns.
    package var kernelNanoseconds: UInt64 = 0
    /// CPU time of cgroups that the kernel's table had no room for, ns.
    package var overflowNanoseconds: UInt64 = 0
    /// The machine as a whole; nil where only cgroups are known.
    package var cpu: CPUTimeTotals?
    /// What the kernel programs keep; nil without them.
    package var kernel: KernelState?
    /// Losses since the start, by name.
    package var faults: [String: UInt64] = [:]

    package init() {}

    /// Empties what belongs to one tick and keeps what is cumulative.
    package mutating func beginTick() {
        created.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        renamed.removeAll(keepingCapacity: true)
        forgotten.removeAll(keepingCapacity: true)
        usage.removeAll(keepingCapacity: true)
        processes.removeAll(keepingCapacity: true)
    }
}
