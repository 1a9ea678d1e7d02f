package import BPF
internal import CEnergyBPF
package import Host

/// Tier A: the kernel programs account, this reads them.
package final class KernelAccounting: Accounting {
    package let tier: Tier

    private let object: Object
    private let links: [LinkBox]
    private let flush: Program
    private let drains: [Program]
    private let counters: RingBuffer
    private let lifecycle: RingBuffer
    private let cgroups: Map
    private let cpus: Map
    /// nil where processes are not kept apart.
    private let processes: Map?
    private let procfs: String
    /// What each process had used at the last eviction.
    private var quiet: [Activity.ProcessUsage.Key: UInt64] = [:]
    private var nextEviction = ContinuousClock.now + KernelAccounting.evictionInterval
    private static let evictionInterval = Duration.seconds(60)
    private let tree: CgroupTree
    private let directory: CgroupDirectory

    private var perCPU: [energyd_cpu]
    private var drainNumber: UInt32 = 0
    private var received: UInt32 = 0
    private var faults: [String: UInt64] = [:]
    private var lifecycleLost: UInt64 = 0

    /// Arrays hold no noncopyable values.
    private final class LinkBox {
        let link: Link
        init(_ link: consuming Link) { self.link = link }
    }

    /// Loads and attaches the programs and learns every cgroup there is.
    ///
    /// - Parameters:
    ///   - tree: the unified hierarchy.
    ///   - cgroupLimit: cgroups to keep room for; what does not fit is not lost but unnamed. By default twice as many
    ///     as there are now.
    ///   - processLimit: processes to keep room for; zero to leave processes out.
    ///   - refusal: why a load with the programs that follow cgroups was refused; this one leaves them out.
    package init(
        tree: CgroupTree, procfs: String = "/proc", cgroupLimit: Int? = nil, processLimit: Int,
        without refusal: BPFError? = nil
    ) throws(BPFError) {
        self.tree = tree
        tier = Tier(refusal: refusal)
        let live = (try? tree.walk().count) ?? 0
        let capacity = cgroupLimit ?? min(65536, max(4096, (live * 2).roundedUpToPowerOfTwo))
        let object = try Object(
            image: UnsafeRawBufferPointer(start: energyd_bpf_object, count: energyd_bpf_object_size), name: "energyd")
        try object.setReadOnlyData(
            energyd_config(cpu_count: UInt32(Machine.possibleCPUs), track_processes: processLimit > 0 ? 1 : 0))
        try object.resize("cgroups", to: capacity)
        try object.resize("processes", to: max(1, processLimit))
        let recordBytes = 8 + MemoryLayout<energyd_process_record>.size
        // A ring holds one byte less than its size.
        let ringBytes = (recordBytes * (max(capacity, processLimit) + 1)).roundedUpToPowerOfTwo
        try object.resize("counters", to: max(65536, ringBytes))
        let naming = ["on_cgroup_mkdir", "on_cgroup_rmdir", "on_cgroup_release", "on_attach"]
        let processNaming = ["on_exec", "on_exit"]
        if refusal != nil {
            for program in naming { try object.disable(program) }
        }
        if processLimit == 0 {
            for program in processNaming + ["drain_processes"] { try object.disable(program) }
        }
        try object.load()
        cgroups = try object.map("cgroups")
        cpus = try object.map("cpus")
        processes = processLimit > 0 ? try object.map("processes") : nil
        self.procfs = procfs
        counters = try RingBuffer(map: object.map("counters"))
        lifecycle = try RingBuffer(map: object.map("lifecycle"))
        flush = try object.program("flush_cpu")
        drains = try (processLimit > 0 ? ["drain_cgroups", "drain_processes"] : ["drain_cgroups"]).map {
            (name) throws(BPFError) in try object.program(name)
        }
        // Names first: a cgroup that is made while the tree is walked is then seen twice rather than never.
        let attached = (refusal == nil ? naming : []) + (processLimit > 0 ? processNaming : []) + ["on_switch"]
        links = try attached.map { (name) throws(BPFError) in LinkBox(try object.attach(name)) }
        self.object = object
        perCPU = Array(repeating: energyd_cpu(), count: Machine.possibleCPUs)
        directory = CgroupDirectory(hasEvents: refusal == nil)
        // Every CPU, for none has a base yet; those that are offline refuse.
        for cpu in 0..<Machine.possibleCPUs { try? flush.run(onCPU: cpu) }
    }

    package func read(into activity: inout Activity) throws(BPFError) {
        activity.beginTick()
        try cpus.readPerCPU(key: 0, into: &perCPU)
        // Idle CPUs are left asleep: nothing is in flight there.
        for cpu in perCPU.indices where perCPU[cpu].pid != 0 {
            // One that went offline meanwhile, say: what runs there is charged at its next switch.
            do { try flush.run(onCPU: cpu) } catch { faults["flushes_failed", default: 0] += 1 }
        }

        // Names before counters, so that whoever is counted is known.
        try lifecycle.consume { record in directory.note(record) }
        drainNumber &+= 1
        for drain in drains {
            var context = energyd_drain(drain: drainNumber, written: 0, lost: 0, reserved: 0)
            try drain.run(&context)
            received = 0
            try counters.consume { record in receive(record, into: &activity) }
            if received < context.written {
                faults["counter_records_missing", default: 0] += UInt64(context.written - received)
            }
        }
        try lifecycle.consume { record in directory.note(record) }
        try cpus.readPerCPU(key: 0, into: &perCPU)
        summarize(into: &activity)

        let strangers = activity.usage.lazy.map(\.cgroup).filter { !self.directory.knows($0) }
        if directory.needsWalk(hasStranger: !strangers.isEmpty, lostEvents: lifecycleLost) {
            do {
                directory.reconcile(with: try tree.walk(), strangers: Array(strangers))
            } catch {
                faults["cgroup_walks_failed", default: 0] += 1
            }
        }
        directory.report(into: &activity)
        activity.forgotten = directory.takeForgettable()
        activity.faults = faults
        evictProcesses(among: activity.processes)
        for id in activity.forgotten {
            // One that is not there was never charged.
            _ = try? cgroups.remove(energyd_cgroup_key(hierarchy: 0, reserved: 0, cgroup: id))
        }
    }

    private func receive(_ record: UnsafeRawBufferPointer, into activity: inout Activity) {
        guard record.count >= 8 else { return }
        switch (record.load(as: UInt32.self), record.count) {
        case (ENERGYD_RECORD_CGROUP.rawValue, MemoryLayout<energyd_cgroup_record>.size...):
            let entry = record.loadUnaligned(as: energyd_cgroup_record.self)
            received &+= 1
            activity.usage.append(
                Activity.Usage(
                    cgroup: entry.key.cgroup, cpuNanoseconds: entry.usage.cpu_ns, switches: entry.usage.switches))
            directory.noteUsage(of: entry.key.cgroup, cpuNanoseconds: entry.usage.cpu_ns)
        case (ENERGYD_RECORD_PROCESS.rawValue, MemoryLayout<energyd_process_record>.size...):
            let entry = record.loadUnaligned(as: energyd_process_record.self)
            received &+= 1
            activity.processes.append(
                Activity.ProcessUsage(
                    cgroup: entry.key.cgroup, pid: Int32(bitPattern: entry.key.tgid),
                    cpuNanoseconds: entry.process.cpu_ns, comm: name(of: entry.process),
                    hasExited: entry.process.state != ENERGYD_PROCESS_RUNNING.rawValue))
        default:
            faults["records_unknown", default: 0] += 1
        }
    }

    /// Frees the places of processes that will not be charged any more although their exit there was not seen: those
    /// that moved to another cgroup, or whose memory took long to tear down.
    private func evictProcesses(among reported: [Activity.ProcessUsage]) {
        let now = ContinuousClock.now
        guard let processes, now >= nextEviction else { return }
        nextEviction = now + Self.evictionInterval
        let isCrowded = reported.count > processes.capacity / 4 * 3
        for process in reported where quiet[process.key] == process.cpuNanoseconds {
            guard isCrowded || !fileExists("\(procfs)/\(process.pid)") else { continue }
            _ = try? processes.remove(
                energyd_process_key(cgroup: process.cgroup, tgid: UInt32(bitPattern: process.pid), reserved: 0))
        }
        quiet = Dictionary(reported.map { ($0.key, $0.cpuNanoseconds) }) { $1 }
    }

    private func name(of process: energyd_process) -> String {
        withUnsafeBytes(of: process.comm) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private func summarize(into activity: inout Activity) {
        var total = energyd_cpu()
        for cpu in perCPU {
            total.kernel.cpu_ns += cpu.kernel.cpu_ns
            total.overflow.cpu_ns += cpu.overflow.cpu_ns
            total.process_overflow_ns += cpu.process_overflow_ns
            total.resyncs += cpu.resyncs
            total.counters_lost += cpu.counters_lost
            total.lifecycle_lost += cpu.lifecycle_lost
        }
        activity.kernelNanoseconds = total.kernel.cpu_ns
        activity.overflowNanoseconds = total.overflow.cpu_ns
        lifecycleLost = total.lifecycle_lost
        faults["counter_records_lost"] = total.counters_lost
        faults["lifecycle_records_lost"] = total.lifecycle_lost
        faults["switches_resynchronized"] = total.resyncs
        faults["cgroup_overflow_nanoseconds"] = total.overflow.cpu_ns
        faults["process_overflow_nanoseconds"] = total.process_overflow_ns
    }
}

extension Tier {
    fileprivate init(refusal: BPFError?) {
        let words = "CPU time is accounted in the kernel at every context switch"
        self.init(
            name: "A",
            reason: refusal.map { "\(words); the shortest-lived cgroups may stay without a name: \($0)" } ?? words,
            isDegraded: refusal != nil)
    }
}

extension Int {
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
