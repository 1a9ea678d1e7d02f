internal import BPF
internal import CEnergyBPF
internal import Linux

extension KernelAccounting {
    /// After a growth that the kernel refused, the next is tried this much later.
    private static let growthPause = Duration.seconds(60)

    /// Makes room before there is none, or as soon as possible where there was none. Nothing is lost: what each CPU is in
    /// the middle of is shared by the old programs and the new. These are loaded by a thread of their own, and exchanged
    /// in the tick that finds them loaded.
    func growIfCrowded() {
        let capacity = programs.settings.cgroupCapacity
        let overflow = perCPU.reduce(0) { $0 + $1.overflow.cpu_ns }
        let isFull = overflow > overflowBefore
        overflowBefore = overflow
        do {
            if let loaded = try loader.take() {
                try Privileges.tracing { () throws(BPFError) in try replacePrograms(with: loaded) }
                faults["kernel_table_grown", default: 0] += 1
                return
            }
            guard !loader.isBusy, isFull || totals.count > capacity / 8 * 7, capacity < maxCgroups,
                ContinuousClock.now >= nextGrowth
            else { return }
            var settings = programs.settings
            settings.events = events
            let needed = max(capacity * 2, (directory.count * 2).roundedUpToPowerOfTwo)
            settings.cgroupCapacity = min(maxCgroups, needed)
            try loader.load(settings, replacing: programs)
        } catch {
            faults["kernel_table_growth_failed", default: 0] += 1
            nextGrowth = ContinuousClock.now + Self.growthPause
        }
    }

    private func replacePrograms(with new: KernelPrograms) throws(BPFError) {
        let old = programs
        // They were given up while the new ones were being loaded.
        if events == .none { new.detachEvents() }
        // Both account for a moment; the one that comes first at a switch leaves nothing to charge for the other.
        try new.attach()
        old.detach()
        do {
            // All of it: there is no next call, and nothing is added any more.
            try old.lifecycle.consume { record in directory.apply(record) }
            totals.replacePrograms(try readFinalTotals(of: old))
        } catch {
            // Then the old ones stay: what they have counted must not be lost.
            try old.attach()
            throw error
        }
        programs = new
        kernelBytes = new.kernelBytes
    }

    /// Every total of programs that were detached.
    private func readFinalTotals(of old: KernelPrograms) throws(BPFError) -> [(id: UInt64, counters: UsageCounters)] {
        let receiver = FinalTotals(processes: self)
        for _ in 0..<3 {
            receiver.cgroups.removeAll()
            if try old.readTotals(window: window, isFull: true, into: receiver) == 0 { break }
        }
        return receiver.cgroups
    }
}

/// Collects the totals of cgroups, and passes on those of processes, whose table is not replaced.
private final class FinalTotals: TotalsReceiver {
    var cgroups: [(id: UInt64, counters: UsageCounters)] = []
    private let processes: KernelAccounting

    init(processes: KernelAccounting) {
        self.processes = processes
    }

    func receive(cgroup: energyd_key, _ counters: UsageCounters) { cgroups.append((cgroup.cgroupID, counters)) }

    func receive(_ process: energyd_process, cpuNanoseconds: UInt64) {
        processes.receive(process, cpuNanoseconds: cpuNanoseconds)
    }

    func receiveUnknown() { processes.receiveUnknown() }

    func receiveMissing(_ count: UInt64) { processes.receiveMissing(count) }
}
