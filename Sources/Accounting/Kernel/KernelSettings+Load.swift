internal import BPF
internal import CEnergyBPF
internal import Linux

/// What the settings mean for the object before it is loaded.
extension KernelSettings {
    /// Maps that hold what must survive when programs are replaced.
    static let sharedMaps =
        ["shared", "cpus", "lifecycle", "hw_event_0", "hw_event_1", "hw_event_2"] + SlotTable.Names.processes.all

    private static let functions = ["on_kernfs_activate", "on_kernfs_remove", "on_css_release", "on_migrate"]
    /// Only cgroups of version 1 can be renamed.
    private static let legacyFunctions = ["on_kernfs_rename"]
    private static let tracepoints = [
        "on_cgroup_mkdir", "on_cgroup_rename", "on_cgroup_rmdir", "on_cgroup_release", "on_attach",
    ]
    private static let processNaming = ["on_exec"]
    /// Programs that are not attached to a hook.
    private static let onDemand = [
        "drain_cgroups", "drain_processes", "measure_hw_events", "flush_cpu", "flush_cpu_untyped",
    ]
    /// A ring's record carries a header of this size, bytes.
    private static let ringHeader = 8

    var flushName: String { flushesUntyped ? "flush_cpu_untyped" : "flush_cpu" }

    var drainNames: [String] {
        guard reading == .drain else { return [] }
        return processCapacity > 0 ? ["drain_cgroups", "drain_processes"] : ["drain_cgroups"]
    }

    /// The programs that follow cgroups.
    var eventNames: [String] {
        switch events {
        case .functions: Self.functions + (legacyHierarchy > 0 ? Self.legacyFunctions : [])
        case .tracepoints: Self.tracepoints
        case .none: []
        }
    }

    /// The programs that account.
    var attachedNames: [String] { (processCapacity > 0 ? Self.processNaming : []) + ["on_exit", "on_switch"] }

    /// Maps by slot of a cgroup and CPU that are in use besides its usage.
    var extraMaps: [String] { (counters.isEmpty ? [] : ["hw_counts"]) + (tracksWaits ? ["waits"] : []) }

    /// Writes the programs' constants, sizes the maps, and leaves out the programs that are not used.
    func configure(_ object: borrowing Object) throws(BPFError) {
        try object.setReadOnlyData(
            energyd_config(
                cpu_count: UInt32(Machine.possibleCPUs), track_processes: processCapacity > 0 ? 1 : 0,
                v1_hierarchy: legacyHierarchy, track_waits: tracksWaits ? 1 : 0,
                track_siblings: topology.hasSiblings ? 1 : 0, hw_events: UInt32(counters.count),
                track_classes: topology.classes.count > 1 ? 1 : 0, cgroup_capacity: UInt32(cgroupCapacity),
                process_capacity: UInt32(processCapacity), reserved: 0))
        try SlotTable.resize(.cgroups, to: cgroupCapacity, in: object)
        try SlotTable.resize(.processes, to: max(1, processCapacity), in: object)
        for map in extraMaps { try object.resize(map, to: cgroupCapacity) }
        if !counters.isEmpty {
            for index in 0..<Int(ENERGYD_HW_EVENTS) { try object.resize("hw_event_\(index)", to: Machine.possibleCPUs) }
        }
        // Room for a full drain; a ring holds one byte less than its size.
        let bytes =
            1
            + max(
                cgroupCapacity * (Self.ringHeader + recordSize),
                processCapacity * (Self.ringHeader + MemoryLayout<energyd_process_record>.size))
        try object.resize("totals", to: reading == .drain ? max(65536, bytes.roundedUpToPowerOfTwo) : 4096)

        let wanted = Set(eventNames + attachedNames + drainNames + [flushName])
            .union(counters.isEmpty ? [] : ["measure_hw_events"])
        let optional =
            Self.functions + Self.legacyFunctions + Self.tracepoints + Self.processNaming + Self.onDemand
        for program in optional where !wanted.contains(program) {
            try object.disable(program)
        }
    }

    /// What a drain writes for one cgroup, bytes.
    private var recordSize: Int {
        let whole = MemoryLayout<energyd_cgroup_record>.size
        if tracksWaits { return whole }
        let end: PartialKeyPath<energyd_cgroup_record> = counters.isEmpty ? \.hw : \.waits
        return MemoryLayout<energyd_cgroup_record>.offset(of: end) ?? whole
    }

    /// Opens the hardware events on every CPU that is online.
    func openCounters(in object: borrowing Object) throws(BPFError) -> [PerfCounter] {
        let cpus = Linux.onlineCPUs(sysfs: "/sys") ?? Array(0..<Machine.possibleCPUs)
        var open: [PerfCounter] = []
        for (index, event) in counters.enumerated() {
            let counter = try PerfCounter(event, cpus: cpus)
            try counter.install(in: object.map("hw_event_\(index)"))
            open.append(counter)
        }
        return open
    }

    /// Gives each CPU its class and sibling, and how often to read hardware events so that they stay within the budget.
    /// Returns the counting period: events are counted in one run out of so many; nil without events.
    func prepareCPUs(_ cpus: Map, counters: Int, in object: borrowing Object) throws(BPFError) -> Int? {
        var states = Array(repeating: energyd_cpu(), count: Machine.possibleCPUs)
        var countingPeriod: Int?
        if counters > 0 {
            let measure = try object.program("measure_hw_events")
            for cpu in 0..<Machine.possibleCPUs { try? measure.run(onCPU: cpu) }
            try cpus.readPerCPU(key: 0, into: &states)
            let cost = Int(states.lazy.map(\.hw_read_ns).max() ?? 0)
            // A counted run between uncounted ones takes two readings.
            var period = 1
            while period < 1024, (period == 1 ? cost : 2 * cost / period) > counterBudget { period *= 2 }
            countingPeriod = period
        }
        for cpu in states.indices {
            states[cpu].core_class = UInt32(topology.classOfCPU[cpu])
            states[cpu].sibling = UInt32(topology.siblingOfCPU[cpu] ?? cpu)
            states[cpu].hw_mask = UInt32((countingPeriod ?? 1) - 1)
        }
        try cpus.writePerCPU(key: 0, states)
        return countingPeriod
    }
}

extension Int {
    var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
