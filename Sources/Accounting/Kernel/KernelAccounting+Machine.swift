internal import BPF
internal import CEnergyBPF
internal import Linux

extension KernelAccounting {
    /// The time of all CPUs, and what the kernel programs keep.
    func summarize(at moment: SuspendingClock.Instant, into sample: inout AccountingSample) {
        var total = energyd_cpu()
        for cpu in perCPU {
            total.kernel.cpu_ns += cpu.kernel.cpu_ns
            total.overflow.cpu_ns += cpu.overflow.cpu_ns
            total.process_overflow_ns += cpu.process_overflow_ns
            total.resyncs += cpu.resyncs
            total.totals_lost += cpu.totals_lost
            total.lifecycle_lost += cpu.lifecycle_lost
            total.stolen_ns &+= cpu.stolen_ns
        }
        let online = Linux.onlineCPUs(sysfs: paths.sysfs) ?? Array(perCPU.indices)
        idle.update(perCPU, online: online)
        var cpu = CPUTimeTotals()
        cpu.charged = totals.cpuNanoseconds + total.kernel.cpu_ns + total.overflow.cpu_ns
        cpu.idle = idle.total
        cpu.stolen = total.stolen_ns
        cpu.moment = moment
        cpu.online = online.count
        cpu.onlineThroughout = idle.onlineThroughout
        sample.cpu = cpu
        sample.kernelNanoseconds = total.kernel.cpu_ns
        sample.overflowNanoseconds = total.overflow.cpu_ns
        sample.kernel = kernelState()
        lifecycleLost = total.lifecycle_lost
        faults["counter_records_lost"] = total.totals_lost
        faults["lifecycle_records_lost"] = total.lifecycle_lost
        faults["switches_resynchronized"] = total.resyncs
        faults["program_runs_skipped"] = programs.recursionMisses
        faults["cgroup_overflow_nanoseconds"] = total.overflow.cpu_ns
        faults["process_overflow_nanoseconds"] = total.process_overflow_ns
    }

    private func kernelState() -> KernelState {
        let settings = programs.settings
        var state = KernelState()
        state.memoryBytes = kernelBytes
        state.cgroupsKept = totals.count
        state.cgroupCapacity = settings.cgroupCapacity
        state.coreClasses = settings.topology.classes
        state.hasWaits = settings.tracksWaits
        state.hasSiblings = settings.topology.hasSiblings
        state.counters = settings.counters.map(\.name)
        state.countingPeriod = programs.countingPeriod
        return state
    }
}
