internal import BPF
internal import CEnergyBPF
internal import Linux

/// Frees the slots of processes that will not be charged any more although their exit there was not seen: those that
/// were moved to another cgroup, or whose memory took long to tear down.
struct QuietProcesses {
    /// What each process had used at the last eviction, ns.
    private var usage: [AccountingSample.ProcessUsage.Key: UInt64] = [:]
    private var next = ContinuousClock.now + interval
    private static let interval = Duration.seconds(60)

    /// Returns those whose slots were freed. Does nothing but once a minute.
    mutating func evict(
        from list: ProcessList, in programs: KernelPrograms, procfs: String
    ) -> [AccountingSample.ProcessUsage.Key] {
        let now = ContinuousClock.now
        let settings = programs.settings
        guard settings.processCapacity > 0, now >= next else { return [] }
        next = now + Self.interval
        let isCrowded = list.all.count > settings.processCapacity / 4 * 3
        var evicted: [AccountingSample.ProcessUsage.Key] = []
        for process in list.all where !process.hasExited && usage[process.key] == process.cpuNanoseconds {
            guard isCrowded || !fileExists("\(procfs)/\(process.pid)") else { continue }
            let key = energyd_key(id: process.cgroup, pid: process.pid, legacyHierarchy: settings.legacyHierarchy)
            if (try? programs.processes.forget(key)) == true { evicted.append(process.key) }
        }
        usage = Dictionary(list.all.map { ($0.key, $0.cpuNanoseconds) }) { $1 }
        return evicted
    }
}
