internal import BPF
internal import CEnergyBPF
internal import Linux

/// Frees the places of processes that will not be charged any more although their exit there was not seen: those that
/// were moved to another cgroup, or whose memory took long to tear down.
struct QuietProcesses {
    /// What each process had used at the last eviction.
    private var usage: [AccountingSample.ProcessUsage.Key: UInt64] = [:]
    private var next = ContinuousClock.now + interval
    private static let interval = Duration.seconds(60)

    mutating func evict(_ reported: [AccountingSample.ProcessUsage], from programs: KernelPrograms, procfs: String) {
        let now = ContinuousClock.now
        guard programs.settings.processCapacity > 0, now >= next else { return }
        next = now + Self.interval
        let isCrowded = reported.count > programs.processes.capacity / 4 * 3
        for process in reported where usage[process.key] == process.cpuNanoseconds {
            guard isCrowded || !fileExists("\(procfs)/\(process.pid)") else { continue }
            let cgroup = energyd_cgroup_key(
                id: process.cgroup, legacyHierarchy: programs.settings.legacyHierarchy)
            _ = try? programs.processes.remove(
                energyd_process_key(
                    cgroup: cgroup.cgroup, tgid: UInt32(bitPattern: process.pid), hierarchy: cgroup.hierarchy))
        }
        usage = Dictionary(reported.map { ($0.key, $0.cpuNanoseconds) }) { $1 }
    }
}
