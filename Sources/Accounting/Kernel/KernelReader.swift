internal import BPF
internal import CEnergyBPF
internal import Linux

extension KernelPrograms {
    /// Everything the programs counted so far, record by record.
    ///
    /// - Returns: the number of records that were written but did not arrive.
    func readUsage(
        drain number: UInt32, cgroup: (energyd_cgroup_key, UsageCounters) -> Void,
        process: (energyd_process_key, energyd_process) -> Void, unknown: () -> Void
    ) throws(BPFError) -> UInt64 {
        switch settings.reading {
        case .drain:
            return try drainRings(number, cgroup: cgroup, process: process, unknown: unknown)
        case .batch:
            try readCgroups(cgroup)
            if settings.processCapacity > 0 { try readProcesses(process) }
            return 0
        }
    }

    // MARK: ebpf: programs write to a ring

    private func drainRings(
        _ number: UInt32, cgroup: (energyd_cgroup_key, UsageCounters) -> Void,
        process: (energyd_process_key, energyd_process) -> Void, unknown: () -> Void
    ) throws(BPFError) -> UInt64 {
        var missing: UInt64 = 0
        for drain in drains {
            var context = energyd_drain(drain: number, written: 0, lost: 0, reserved: 0)
            try drain.run(&context)
            var received: UInt32 = 0
            try counters.consume { bytes in
                received &+= 1
                switch bytes.count >= 4 ? bytes.loadUnaligned(as: UInt32.self) : 0 {
                case ENERGYD_RECORD_CGROUP.rawValue where bytes.count >= KernelReader.smallestCgroupRecord:
                    let record = KernelReader.cgroupRecord(bytes)
                    cgroup(record.key, UsageCounters(record))
                case ENERGYD_RECORD_PROCESS.rawValue where bytes.count >= MemoryLayout<energyd_process_record>.size:
                    let record = bytes.loadUnaligned(as: energyd_process_record.self)
                    process(record.key, record.process)
                default:
                    unknown()
                }
            }
            if received < context.written { missing += UInt64(context.written - received) }
        }
        return missing
    }

    // MARK: ebpf-batch: the maps are read

    private func readCgroups(_ cgroup: (energyd_cgroup_key, UsageCounters) -> Void) throws(BPFError) {
        var keys = Array(repeating: energyd_cgroup_key(), count: slots.capacity)
        var places = Array(repeating: UInt32(0), count: slots.capacity)
        let count = try slots.readAll(keys: &keys, values: &places)
        let cpuCount = Machine.possibleCPUs
        var usage = Array(repeating: energyd_usage(), count: cpuCount)
        var turns = Array(repeating: energyd_counted(), count: settings.counters.isEmpty ? 0 : cpuCount)
        var histograms = Array(repeating: energyd_waits(), count: settings.tracksWaits ? cpuCount : 0)
        for index in 0..<count {
            let (key, slot) = (keys[index], places[index])
            try usages.readPerCPU(key: slot, into: &usage)
            if !turns.isEmpty { try counted.readPerCPU(key: slot, into: &turns) }
            if !histograms.isEmpty { try waits.readPerCPU(key: slot, into: &histograms) }
            var sum = UsageCounters()
            for cpu in 0..<cpuCount {
                let part = usage[cpu]
                guard part.owner.cgroup == key.cgroup, part.owner.hierarchy == key.hierarchy else { continue }
                sum.classNanoseconds[settings.topology.classOfCPU[cpu]] &+= part.cpu_ns
                sum.sharedNanoseconds &+= part.shared_ns
                sum.waitNanoseconds &+= part.wait_ns
                sum.voluntarySwitches &+= part.voluntary
                sum.involuntarySwitches &+= part.involuntary
                if !turns.isEmpty { sum.counted &+= SIMD4(turns[cpu]) }
                if !histograms.isEmpty { sum.waits &+= SIMD16(histograms[cpu]) }
            }
            cgroup(key, sum)
        }
    }

    private func readProcesses(_ process: (energyd_process_key, energyd_process) -> Void) throws(BPFError) {
        var keys = Array(repeating: energyd_process_key(), count: processes.capacity)
        var values = Array(repeating: energyd_process(), count: processes.capacity)
        let count = try processes.readAll(keys: &keys, values: &values)
        for index in 0..<count {
            let (key, value) = (keys[index], values[index])
            process(key, value)
            guard value.state == ENERGYD_PROCESS_EXITED.rawValue else { continue }
            // A process still runs for a moment after its exit is announced: it is told once more.
            let exit = AccountingSample.ProcessUsage.Key(cgroup: key.cgroupID, pid: Int32(bitPattern: key.tgid))
            if exitsTold.remove(exit) != nil { try processes.remove(key) } else { exitsTold.insert(exit) }
        }
    }
}

/// The records of the ring `counters`.
enum KernelReader {
    static let smallestCgroupRecord = MemoryLayout<energyd_cgroup_record>.offset(of: \.counted) ?? 0

    /// A record as written, the parts that were cut off empty.
    static func cgroupRecord(_ bytes: UnsafeRawBufferPointer) -> energyd_cgroup_record {
        var record = energyd_cgroup_record()
        withUnsafeMutableBytes(of: &record) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix($0.count)))
        }
        return record
    }
}

extension UsageCounters {
    init(_ record: energyd_cgroup_record) {
        self.init()
        classNanoseconds = SIMD4(record.cpu_ns.0, record.cpu_ns.1, record.cpu_ns.2, record.cpu_ns.3)
        sharedNanoseconds = record.shared_ns
        waitNanoseconds = record.wait_ns
        voluntarySwitches = record.voluntary
        involuntarySwitches = record.involuntary
        counted = SIMD4(record.counted)
        waits = SIMD16(record.waits)
    }
}

extension SIMD4<UInt64> {
    fileprivate init(_ counted: energyd_counted) {
        self.init(counted.cpu_ns, counted.counter.0, counted.counter.1, counted.counter.2)
    }
}

extension SIMD16<UInt64> {
    fileprivate init(_ waits: energyd_waits) {
        self = withUnsafeBytes(of: waits) { $0.loadUnaligned(as: SIMD16<UInt64>.self) }
    }
}

extension energyd_cgroup_key {
    /// The id that the rest of the engine knows the cgroup by; see ``CgroupTree/legacyBit``.
    var id: UInt64 { hierarchy == 0 ? cgroup : cgroup | CgroupTree.legacyBit }

    init(id: UInt64, legacyHierarchy: UInt32) {
        let isLegacy = id & CgroupTree.legacyBit != 0
        self.init(
            hierarchy: isLegacy ? legacyHierarchy : 0, reserved: 0, cgroup: id & ~CgroupTree.legacyBit)
    }
}

extension energyd_process_key {
    var cgroupID: UInt64 { hierarchy == 0 ? cgroup : cgroup | CgroupTree.legacyBit }
}
