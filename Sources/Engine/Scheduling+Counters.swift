internal import Accounting
internal import Snapshot
internal import Units

extension Snapshot.Scheduling {
    /// How a workload ran, from what the kernel counted and, where its cgroup was read, from the cgroup's files.
    init(_ counters: UsageCounters, _ kernel: KernelState, files: CgroupFileReader.Reading?) {
        self.init()
        voluntarySwitches = counters.voluntarySwitches
        involuntarySwitches = counters.involuntarySwitches
        waitSeconds = Seconds(nanoseconds: counters.waitNanoseconds).value
        if kernel.hasWaits { waitCounts = (0..<16).map { counters.waits[$0] } }
        if kernel.hasSiblings { sharedCoreSeconds = Seconds(nanoseconds: counters.sharedNanoseconds).value }
        if kernel.coreClasses.count > 1 {
            cpuSecondsByClass = NamedValues(
                names: kernel.coreClasses,
                values: kernel.coreClasses.indices.map {
                    Seconds(nanoseconds: counters.classNanoseconds[$0]).value
                })
        }
        if !kernel.counters.isEmpty {
            events = NamedValues(
                names: kernel.counters, values: kernel.counters.indices.map { counters.counted[$0 + 1] })
        }
        guard let files else { return }
        throttledSeconds = files.throttledMicroseconds.map { Double($0) / 1e6 }
        throttledPeriods = files.throttledPeriods
        if !files.pressure.isEmpty {
            let pressure = files.pressure.sorted { $0.key < $1.key }
            pressureSeconds = NamedValues(
                names: pressure.map(\.key), values: pressure.map { Double($0.value) / 1e6 })
        }
    }
}
