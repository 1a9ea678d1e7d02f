internal import BPF
internal import CEnergyBPF
internal import Linux

extension KernelAccounting {
    /// After a growth that the kernel refused, the next is tried this much later.
    private static let growthPause = Duration.seconds(60)

    /// Makes room before there is none, or as soon as possible where there was none. Nothing is lost: what each CPU is in
    /// the middle of is shared by the old programs and the new.
    func growIfCrowded() {
        let capacity = programs.settings.cgroupCapacity
        let overflow = perCPU.reduce(0) { $0 + $1.overflow.cpu_ns }
        let isFull = overflow > overflowBefore
        overflowBefore = overflow
        guard !loader.isBusy, isFull || totals.count > capacity / 8 * 7, capacity < maxCgroups,
            ContinuousClock.now >= nextGrowth
        else { return }
        var settings = programs.settings
        settings.events = events
        let needed = max(capacity * 2, (directory.count * 2).roundedUpToPowerOfTwo)
        settings.cgroupCapacity = min(maxCgroups, needed)
        do {
            try loader.load(settings, replacing: programs)
        } catch {
            noteFailedGrowth()
        }
    }

    /// Goes on with larger programs that have taken the place of the present ones since the last reading.
    func takeReplacement() {
        do {
            guard let new = try loader.replacement else { return }
            let old = programs
            totals.replacePrograms(try readFinalTotals(of: old))
            programs = new
            kernelBytes = new.kernelBytes
            // Some of what they have counted may be of the window before.
            needsFullReading = true
            faults["kernel_table_grown", default: 0] += 1
            loader.finish(freeing: old)
        } catch {
            // They did not get there; or the old ones cannot be read, and what they have counted must not be lost: then
            // it is tried again at the next reading.
            noteFailedGrowth()
            if (try? loader.replacement) == nil { loader.finish() }
        }
    }

    private func noteFailedGrowth() {
        faults["kernel_table_growth_failed", default: 0] += 1
        nextGrowth = ContinuousClock.now + Self.growthPause
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
