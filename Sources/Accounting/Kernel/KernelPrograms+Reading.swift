internal import BPF
internal import CEnergyBPF
internal import Linux

extension KernelPrograms {
    /// Reads the totals of what was charged in recent windows.
    ///
    /// - Parameters:
    ///   - window: the number of the present window.
    ///   - isFull: read every slot that has an owner.
    /// - Returns: the number of records that were lost on the way: the next reading should be full.
    func readTotals(window: UInt32, isFull: Bool, into receiver: some TotalsReceiver) throws(BPFError) -> UInt64 {
        switch settings.reading {
        case .drain:
            return try drain(window: window, isFull: isFull, into: receiver)
        case .batch:
            try readCgroups(window: window, isFull: isFull, into: receiver)
            if settings.processCapacity > 0 { try readProcesses(window: window, isFull: isFull, into: receiver) }
            return 0
        }
    }

    // MARK: ebpf: programs write to a ring

    private func drain(
        window: UInt32, isFull: Bool, into receiver: some TotalsReceiver
    ) throws(BPFError) -> UInt64 {
        var lost: UInt64 = 0
        var released: [UInt32] = []
        for drain in drains {
            var context = energyd_drain(window: window, is_full: isFull ? 1 : 0, written: 0, lost: 0)
            try drain.run(&context)
            var received: UInt32 = 0
            try totals.consume { bytes in
                received &+= 1
                switch KernelRecords.decode(bytes) {
                case .cgroup(let record):
                    receiver.receive(cgroup: record.key, UsageCounters(record))
                case .process(let record):
                    receiver.receive(record.process, cpuNanoseconds: record.cpu_ns)
                    if record.process.state == ENERGYD_PROCESS_REPORTED.rawValue { released.append(record.slot) }
                case .unknown:
                    receiver.receiveUnknown()
                }
            }
            if received < context.written { receiver.receiveMissing(UInt64(context.written - received)) }
            lost += UInt64(context.lost) + UInt64(context.written - min(received, context.written))
        }
        for slot in released { try processes.release(slot) }
        return lost
    }

    // MARK: ebpf-batch: the maps are read

    private func readCgroups(window: UInt32, isFull: Bool, into receiver: some TotalsReceiver) throws(BPFError) {
        let cpuCount = Machine.possibleCPUs
        var usage = Array(repeating: energyd_usage(), count: cpuCount)
        var events = Array(repeating: energyd_hw_counts(), count: settings.counters.isEmpty ? 0 : cpuCount)
        var histograms = Array(repeating: energyd_waits(), count: settings.tracksWaits ? cpuCount : 0)
        for slot in try cgroups.dueSlots(window: window, isFull: isFull) {
            guard let key = try cgroups.owners.value(of: slot, as: energyd_key()), key.cgroup != 0 else { continue }
            try cgroups.usages.readPerCPU(key: slot, into: &usage)
            if !events.isEmpty { try hardwareCounts.readPerCPU(key: slot, into: &events) }
            if !histograms.isEmpty { try waits.readPerCPU(key: slot, into: &histograms) }
            var sum = UsageCounters()
            for cpu in 0..<cpuCount where usage[cpu].owner == key {
                let part = usage[cpu]
                sum.classNanoseconds[settings.topology.classOfCPU[cpu]] &+= part.cpu_ns
                sum.sharedNanoseconds &+= part.shared_ns
                sum.waitNanoseconds &+= part.wait_ns
                sum.voluntarySwitches &+= part.voluntary
                sum.involuntarySwitches &+= part.involuntary
                if !events.isEmpty { sum.counted &+= SIMD4(events[cpu]) }
                if !histograms.isEmpty { sum.add(histograms[cpu]) }
            }
            receiver.receive(cgroup: key, sum)
        }
    }

    private func readProcesses(window: UInt32, isFull: Bool, into receiver: some TotalsReceiver) throws(BPFError) {
        var usage = Array(repeating: energyd_process_usage(), count: Machine.possibleCPUs)
        for slot in try processes.dueSlots(window: window, isFull: isFull) {
            guard var process = try processes.owners.value(of: slot, as: energyd_process()), process.owner.cgroup != 0
            else { continue }
            try processes.usages.readPerCPU(key: slot, into: &usage)
            let sum = usage.reduce(0) { $1.owner == process.owner ? $0 &+ $1.cpu_ns : $0 }
            receiver.receive(process, cpuNanoseconds: sum)
            // A process still runs for a moment after its exit is announced: it is reported once more.
            if process.state == ENERGYD_PROCESS_EXITED.rawValue {
                process.state = ENERGYD_PROCESS_REPORTED.rawValue
                try processes.owners.update(slot, process)
            } else if process.state == ENERGYD_PROCESS_REPORTED.rawValue {
                try processes.forget(process.owner)
            }
        }
    }
}
