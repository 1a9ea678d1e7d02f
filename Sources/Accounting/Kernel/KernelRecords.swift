internal import CEnergyBPF
internal import Linux

/// What a reading of the kernel's totals yields, record by record.
protocol TotalsReceiver: AnyObject {
    func receive(cgroup: energyd_key, _ counters: UsageCounters)
    func receive(_ process: energyd_process, cpuNanoseconds: UInt64)
    /// A record of another kind, which no program of this object writes.
    func receiveUnknown()
    /// So many records were written but did not arrive.
    func receiveMissing(_ count: UInt64)
}

/// The records of the ring `totals`.
enum KernelRecords {
    private static let smallestCgroupRecord = MemoryLayout<energyd_cgroup_record>.offset(of: \.hw) ?? 0

    enum Record {
        case cgroup(energyd_cgroup_record)
        case process(energyd_process_record)
        case unknown
    }

    /// A record as written, the parts that were cut off empty.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> Record {
        switch bytes.count >= 4 ? bytes.loadUnaligned(as: UInt32.self) : 0 {
        case ENERGYD_RECORD_CGROUP.rawValue where bytes.count >= smallestCgroupRecord:
            var record = energyd_cgroup_record()
            withUnsafeMutableBytes(of: &record) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix($0.count)))
            }
            return .cgroup(record)
        case ENERGYD_RECORD_PROCESS.rawValue where bytes.count >= MemoryLayout<energyd_process_record>.size:
            return .process(bytes.loadUnaligned(as: energyd_process_record.self))
        default:
            return .unknown
        }
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
        counted = SIMD4(record.hw)
        add(record.waits)
    }

    /// Adds waits by length.
    mutating func add(_ waits: energyd_waits) {
        withUnsafeBytes(of: waits) { bytes in
            for (index, count) in bytes.bindMemory(to: UInt64.self).enumerated() { self.waits[index] &+= count }
        }
    }
}

extension SIMD4<UInt64> {
    init(_ counts: energyd_hw_counts) {
        self.init(counts.cpu_ns, counts.count.0, counts.count.1, counts.count.2)
    }
}

extension energyd_key {
    /// The id that the rest of the agent knows the cgroup by; see ``CgroupTree/legacyBit``.
    var cgroupID: UInt64 { hierarchy == 0 ? cgroup : cgroup | CgroupTree.legacyBit }

    /// - Parameters:
    ///   - id: see ``cgroupID``.
    ///   - pid: nil for the cgroup itself.
    init(id: UInt64, pid: Int32? = nil, legacyHierarchy: UInt32) {
        let isLegacy = id & CgroupTree.legacyBit != 0
        self.init(
            cgroup: id & ~CgroupTree.legacyBit, tgid: pid.map { UInt32(bitPattern: $0) } ?? 0,
            hierarchy: isLegacy ? legacyHierarchy : 0)
    }

    static func == (a: Self, b: Self) -> Bool {
        a.cgroup == b.cgroup && a.tgid == b.tgid && a.hierarchy == b.hierarchy
    }
}
