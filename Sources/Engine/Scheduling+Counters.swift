internal import Accounting
internal import Snapshot
internal import Units

extension Snapshot.Scheduling {
    /// Takes in what the kernel counted.
    mutating func update(_ counters: UsageCounters, _ kernel: KernelState) {
        voluntarySwitches = counters.voluntarySwitches
        involuntarySwitches = counters.involuntarySwitches
        waitSeconds = Seconds(nanoseconds: counters.waitNanoseconds).value
        waitCounts = kernel.hasWaits ? (0..<UsageCounters.Waits.count).map { counters.waits[$0] } : nil
        sharedCoreSeconds = kernel.hasSiblings ? Seconds(nanoseconds: counters.sharedNanoseconds).value : nil
        let classes = kernel.coreClasses
        cpuSecondsByClass =
            classes.count > 1
            ? NamedValues(
                names: classes,
                values: classes.indices.map { Seconds(nanoseconds: counters.classNanoseconds[$0]).value })
            : nil
        events =
            kernel.counters.isEmpty
            ? nil
            : NamedValues(
                names: kernel.counters, values: kernel.counters.indices.map { counters.counted[$0 + 1] })
    }

    /// Takes in what was read of the workload's cgroup; nil where nothing was.
    mutating func update(_ files: CgroupFileReader.Reading?) {
        throttledSeconds = files?.throttledMicroseconds.map { Double($0) / 1e6 }
        throttledPeriods = files?.throttledPeriods
        pressureSeconds = files?.pressureSeconds
    }
}
