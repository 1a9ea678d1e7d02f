import Accounting
import BPF
import Linux
import Testing

/// Kernel programs without the agent around them, and the totals that their samples add up to.
final class KernelReader {
    let accounting: KernelAccounting
    private(set) var sample = AccountingSample()
    /// By cgroup, since the start or since it was forgotten.
    private(set) var totals: [UInt64: UsageCounters] = [:]
    /// CPU time of processes together, those that ended included, by cgroup, ns.
    private(set) var processTime: [UInt64: UInt64] = [:]
    private var processes: [AccountingSample.ProcessUsage.Key: UInt64] = [:]
    /// Times that a total fell without having been forgotten before.
    private(set) var falls = 0

    /// Best of what this kernel has.
    static let events: KernelSettings.Events = KernelFeature.functionHooks.isSupported ? .functions : .tracepoints

    init(_ settings: KernelSettings, trees: [CgroupTree], maxCgroups: Int = 65536, limitation: String? = nil) throws {
        var settings = settings
        if settings.events == .functions { settings.events = Self.events }
        accounting = try KernelAccounting(
            trees: trees, settings: settings, maxCgroups: maxCgroups, limitation: limitation)
        try read()
    }

    func read() throws {
        for id in sample.forgotten { totals[id] = nil }
        try accounting.read(into: &sample)
        for usage in sample.usage {
            if usage.cpuNanoseconds < totals[usage.cgroup]?.cpuNanoseconds ?? 0 { falls += 1 }
            totals[usage.cgroup] = usage.counters
        }
        var present: [AccountingSample.ProcessUsage.Key: UInt64] = [:]
        for process in sample.processes {
            let before = processes[process.key] ?? 0
            // One that is below what it had is another process with the same id.
            let growth = process.cpuNanoseconds - (process.cpuNanoseconds >= before ? before : 0)
            processTime[process.cgroup, default: 0] += growth
            present[process.key] = process.cpuNanoseconds
        }
        processes = present
    }

    /// CPU time of a cgroup, s.
    func seconds(_ id: UInt64) -> Double { Double(totals[id]?.cpuNanoseconds ?? 0) / 1e9 }

    func seconds(_ cgroup: TestCgroup) throws -> Double { seconds(try inode(of: cgroup.directory)) }

    func counters(_ cgroup: TestCgroup) throws -> UsageCounters {
        try #require(totals[try inode(of: cgroup.directory)])
    }
}
