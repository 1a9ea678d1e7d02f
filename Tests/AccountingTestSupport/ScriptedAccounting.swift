package import Accounting

/// An ``Accounting`` that reports what a test scripted: no kernel, no files, no clock.
///
/// Either hand it finished samples, or describe what happens between two readings with ``create(_:_:)``,
/// ``run(_:nanoseconds:)`` and so on; it keeps the cumulative counters.
package final class ScriptedAccounting: Accounting {
    /// What one reading yields.
    package enum Step {
        case sample(AccountingSample)
        case failure(any Error)
    }

    package let tier: Tier
    /// Readings so far, failed ones included.
    package private(set) var readings = 0
    /// Steps to come; they go before what is described call by call.
    private var steps: [Step]
    private var pending = AccountingSample()
    private var totals: [UInt64: UsageCounters] = [:]
    private var processes: [AccountingSample.ProcessUsage.Key: AccountingSample.ProcessUsage] = [:]

    package init(
        _ steps: [Step] = [], tier: Tier = Tier(.ebpf, reason: "CPU time is scripted", isDegraded: false)
    ) {
        self.steps = steps
        self.tier = tier
    }

    package convenience init(samples: [AccountingSample]) {
        self.init(samples.map { .sample($0) })
    }

    package func read(into sample: inout AccountingSample) throws {
        readings += 1
        if !steps.isEmpty {
            switch steps.removeFirst() {
            case .sample(let next): sample = next
            case .failure(let error): throw error
            }
            return
        }
        pending.processes = processes.values.sorted { ($0.pid, $0.cgroup) < ($1.pid, $1.cgroup) }
        sample = pending
        processes = processes.filter { !$0.value.hasExited }
        for id in pending.forgotten { totals[id] = nil }
        pending.beginTick()
    }

    // MARK: What happens before the next reading

    /// Schedules a step after those that are scheduled already.
    package func append(_ step: Step) { steps.append(step) }

    /// The next reading fails.
    package func fail(_ error: any Error) { steps.append(.failure(error)) }

    package func create(_ id: UInt64, _ path: String) { pending.created.append(.init(id: id, path: path)) }

    package func rename(_ id: UInt64, to path: String) { pending.renamed.append(.init(id: id, path: path)) }

    package func remove(_ id: UInt64) { pending.removed.append(id) }

    /// The counters of `id` are final with the next reading.
    package func forget(_ id: UInt64) { pending.forgotten.append(id) }

    /// A cgroup used the CPU, on a core of one class, and left it so many times.
    package func run(_ id: UInt64, nanoseconds: UInt64, coreClass: Int = 0, switches: UInt64 = 0) {
        var growth = UsageCounters()
        growth.classNanoseconds[coreClass] = nanoseconds
        growth.voluntarySwitches = switches
        run(id, growth)
    }

    /// A cgroup's counters grew.
    package func run(_ id: UInt64, _ growth: UsageCounters) {
        totals[id, default: UsageCounters()] += growth
        let usage = AccountingSample.Usage(cgroup: id, counters: totals[id] ?? UsageCounters())
        if let index = pending.usage.firstIndex(where: { $0.cgroup == id }) {
            pending.usage[index] = usage
        } else {
            pending.usage.append(usage)
        }
        pending.cpu?.charged += growth.cpuNanoseconds
    }

    /// A process used the CPU. The time of its cgroup is set with ``run(_:nanoseconds:coreClass:switches:)``.
    package func runProcess(
        _ pid: Int32, in cgroup: UInt64, comm: String, nanoseconds: UInt64, exits: Bool = false
    ) {
        let key = AccountingSample.ProcessUsage.Key(cgroup: cgroup, pid: pid)
        let before = processes[key]?.cpuNanoseconds ?? 0
        processes[key] = .init(
            cgroup: cgroup, pid: pid, cpuNanoseconds: before + nanoseconds, comm: comm, hasExited: exits)
    }

    /// Kernel threads of the root used the CPU.
    package func runKernel(nanoseconds: UInt64) {
        pending.kernelNanoseconds += nanoseconds
        pending.cpu?.charged += nanoseconds
    }

    /// Cgroups that the table has no room for used the CPU.
    package func overflow(nanoseconds: UInt64) {
        pending.overflowNanoseconds += nanoseconds
        pending.cpu?.charged += nanoseconds
    }

    /// Changes anything else of the next reading.
    package func change(_ change: (inout AccountingSample) -> Void) { change(&pending) }
}
