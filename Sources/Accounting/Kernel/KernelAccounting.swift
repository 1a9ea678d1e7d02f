package import BPF
internal import CEnergyBPF
package import Linux

/// Tiers `ebpf` and `ebpf-batch`: the kernel programs account, this reads them.
package final class KernelAccounting: Accounting {
    package let tier: Tier

    private var programs: KernelPrograms
    private let trees: [CgroupTree]
    private let paths: HostPaths
    private let directory: CgroupDirectory
    /// Cgroups to keep room for at most.
    private let maxCgroups: Int

    /// What programs that were replaced had counted.
    private var carried: [UInt64: UsageCounters] = [:]
    /// The last totals that were told of those: one that has no record this time must not fall behind them.
    private var toldOfCarried: [UInt64: UsageCounters] = [:]
    /// CPU time of cgroups that were forgotten, ns.
    private var departed: UInt64 = 0
    /// Cgroups that were counted and that nobody has told of yet.
    private var strangers: [UInt64] = []
    private var quiet = QuietProcesses()
    private var perCPU: [energyd_cpu]
    private var idle: IdleTime
    private var drainNumber: UInt32 = 0
    private var faults: [String: UInt64] = [:]
    private var lifecycleLost: UInt64 = 0
    private var overflowBefore: UInt64 = 0
    private var kernelBytes: UInt64 = 0
    private var nextGrowth = ContinuousClock.now

    /// After a growth that the kernel refused, the next is tried this much later.
    private static let growthPause = Duration.seconds(60)

    /// Loads and attaches the programs and learns every cgroup there is.
    ///
    /// - Parameters:
    ///   - trees: the hierarchies to account: the unified one, and that of version 1 where there is one.
    ///   - maxCgroups: room for cgroups may grow up to this; what does not fit is not lost but unnamed.
    ///   - refusal: why a load with everything was refused; `settings` leave out what stood in the way.
    package init(
        trees: [CgroupTree], paths: HostPaths = HostPaths(), settings: KernelSettings, maxCgroups: Int = 65536,
        without refusal: BPFError? = nil
    ) throws(BPFError) {
        self.trees = trees
        self.paths = paths
        self.maxCgroups = max(maxCgroups, settings.cgroupCapacity)
        tier = Tier(settings, refusal: refusal)
        var settings = settings
        settings.legacyHierarchy = trees.lazy.compactMap(\.legacyNumber).first ?? 0
        programs = try KernelPrograms(settings)
        try programs.attach()
        kernelBytes = programs.kernelBytes
        perCPU = Array(repeating: energyd_cpu(), count: Machine.possibleCPUs)
        idle = IdleTime(cpuCount: Machine.possibleCPUs)
        directory = CgroupDirectory(
            hasEvents: settings.hasNames, seesAll: trees.allSatisfy { $0.version != .unified || $0.isHostRoot })
    }

    package func read(into sample: inout AccountingSample) throws(BPFError) {
        // Before Linux 5.19 every use of programs and maps needs the capability, not only their making.
        guard tier.kind == .ebpf else {
            return try Privileges.tracing { () throws(BPFError) in try readNow(into: &sample) }
        }
        try readNow(into: &sample)
    }

    private func readNow(into sample: inout AccountingSample) throws(BPFError) {
        sample.beginTick()
        try flushAll()
        // Names before counters, so that whoever is counted is known.
        try programs.lifecycle.consume { record in directory.note(record) }
        try readUsage(into: &sample)
        try programs.lifecycle.consume { record in directory.note(record) }
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        summarize(at: .now, into: &sample)

        // Some of them were told of after their first counter.
        strangers.removeAll { directory.knows($0) }
        if directory.needsWalk(hasStranger: !strangers.isEmpty, lostEvents: lifecycleLost) {
            do {
                directory.reconcile(with: try walk(), strangers: strangers)
            } catch {
                faults["cgroup_walks_failed", default: 0] += 1
            }
        }
        directory.report(into: &sample)
        sample.forgotten = directory.takeForgettable()
        forget(sample.forgotten, usage: sample.usage)
        quiet.evict(sample.processes, from: programs, procfs: paths.procfs)
        growIfCrowded(kept: sample.usage.count)
        sample.faults = faults.merging(["cgroup_directories_unread": directory.unreadDirectories]) { $1 }
    }

    /// Charges what is in flight. Idle CPUs are left asleep: nothing is in flight there.
    private func flushAll() throws(BPFError) {
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        for cpu in perCPU.indices where perCPU[cpu].pid != 0 {
            // One that went offline meanwhile, say: what runs there is charged at its next switch.
            do { try programs.flush.run(onCPU: cpu) } catch { faults["flushes_failed", default: 0] += 1 }
        }
    }

    private func readUsage(into sample: inout AccountingSample) throws(BPFError) {
        drainNumber &+= 1
        strangers.removeAll(keepingCapacity: true)
        let missing = try programs.readUsage(drain: drainNumber) { key, counters in
            var counters = counters
            if !carried.isEmpty, let before = carried[key.id] {
                counters += before
                toldOfCarried[key.id] = counters
            }
            sample.usage.append(AccountingSample.Usage(cgroup: key.id, counters: counters))
            if !directory.noteUsage(of: key.id, cpuNanoseconds: counters.cpuNanoseconds) { strangers.append(key.id) }
        } process: { key, process in
            sample.processes.append(
                AccountingSample.ProcessUsage(
                    cgroup: key.cgroupID, pid: Int32(bitPattern: key.tgid), cpuNanoseconds: process.cpu_ns,
                    comm: name(of: process), hasExited: process.state != ENERGYD_PROCESS_RUNNING.rawValue))
        } unknown: {
            faults["records_unknown", default: 0] += 1
        }
        if !carried.isEmpty {
            // Those that have not run since the programs were replaced, or whose record was lost.
            let seen = Set(sample.usage.lazy.map(\.cgroup))
            for (id, counters) in carried where !seen.contains(id) {
                sample.usage.append(AccountingSample.Usage(cgroup: id, counters: toldOfCarried[id] ?? counters))
            }
        }
        if missing > 0 { faults["counter_records_missing", default: 0] += missing }
    }

    private func walk() throws(HostError) -> [CgroupTree.Node] {
        var nodes: [CgroupTree.Node] = []
        for tree in trees {
            // Whoever is at the root of a version 1 hierarchy is accounted in the unified one.
            nodes += try tree.walk().filter { $0.parent >= 0 || tree.version == .unified }
        }
        if !trees.contains(where: { $0.version == .unified }) {
            // There is a unified hierarchy even where nobody has mounted it: its root has this number.
            nodes.append(CgroupTree.Node(id: 1, path: "/", parent: -1))
        }
        return nodes
    }

    private func forget(_ cgroups: [UInt64], usage: [AccountingSample.Usage]) {
        guard !cgroups.isEmpty else { return }
        let gone = Set(cgroups)
        for usage in usage where gone.contains(usage.cgroup) { departed += usage.cpuNanoseconds }
        for id in cgroups {
            carried[id] = nil
            toldOfCarried[id] = nil
            do {
                try programs.forget(energyd_cgroup_key(id: id, legacyHierarchy: programs.settings.legacyHierarchy))
            } catch {
                faults["cgroups_not_forgotten", default: 0] += 1
            }
        }
    }

    // MARK: Room

    /// Makes room before there is none, or at once where there was none. Nothing is lost: what each CPU is in the
    /// middle of is shared by the old programs and the new.
    private func growIfCrowded(kept: Int) {
        let room = programs.settings.cgroupCapacity
        let overflow = perCPU.reduce(0) { $0 + $1.overflow.cpu_ns }
        let isFull = overflow > overflowBefore
        overflowBefore = overflow
        guard isFull || kept > room / 8 * 7, room < maxCgroups, ContinuousClock.now >= nextGrowth else { return }
        do {
            var settings = programs.settings
            settings.cgroupCapacity = min(maxCgroups, max(room * 2, (liveCgroups() * 2).roundedUpToPowerOfTwo))
            try Privileges.tracing { () throws(BPFError) in try replacePrograms(settings) }
            faults["kernel_table_grown", default: 0] += 1
        } catch {
            faults["kernel_table_growth_failed", default: 0] += 1
            nextGrowth = ContinuousClock.now + Self.growthPause
        }
    }

    private func liveCgroups() -> Int { (try? walk().count) ?? 0 }

    private func replacePrograms(_ settings: KernelSettings) throws(BPFError) {
        let old = programs
        let new = try KernelPrograms(settings, replacing: old)
        // Both account for a moment; whichever comes first at a switch leaves nothing to charge for the other.
        try new.attach()
        old.detach()
        var sample = AccountingSample()
        do {
            try old.lifecycle.consume { record in directory.note(record) }
            try readUsage(into: &sample)
        } catch {
            // Then the old ones go on: what they have counted must not be lost.
            try old.attach()
            throw error
        }
        for usage in sample.usage { carried[usage.cgroup] = usage.counters }
        programs = new
        kernelBytes = new.kernelBytes
    }

    // MARK: The whole machine

    private func summarize(at moment: SuspendingClock.Instant, into sample: inout AccountingSample) {
        var total = energyd_cpu()
        for cpu in perCPU {
            total.kernel.cpu_ns += cpu.kernel.cpu_ns
            total.overflow.cpu_ns += cpu.overflow.cpu_ns
            total.process_overflow_ns += cpu.process_overflow_ns
            total.resyncs += cpu.resyncs
            total.counters_lost += cpu.counters_lost
            total.lifecycle_lost += cpu.lifecycle_lost
            total.stolen_ns &+= cpu.stolen_ns
        }
        let online = Linux.onlineCPUs(sysfs: paths.sysfs) ?? Array(perCPU.indices)
        idle.update(perCPU, online: online)
        let named = sample.usage.reduce(departed) { $0 + $1.cpuNanoseconds }
        var cpu = CPUTimeTotals()
        cpu.charged = named + total.kernel.cpu_ns + total.overflow.cpu_ns
        cpu.idle = idle.total
        cpu.stolen = total.stolen_ns
        cpu.moment = moment
        cpu.online = online.count
        cpu.onlineThroughout = idle.onlineThroughout
        sample.cpu = cpu
        sample.kernelNanoseconds = total.kernel.cpu_ns
        sample.overflowNanoseconds = total.overflow.cpu_ns
        sample.kernel = kernelState(kept: sample.usage.count)
        lifecycleLost = total.lifecycle_lost
        faults["counter_records_lost"] = total.counters_lost
        faults["lifecycle_records_lost"] = total.lifecycle_lost
        faults["switches_resynchronized"] = total.resyncs
        faults["program_runs_skipped"] = programs.recursionMisses
        faults["cgroup_overflow_nanoseconds"] = total.overflow.cpu_ns
        faults["process_overflow_nanoseconds"] = total.process_overflow_ns
    }

    private func kernelState(kept: Int) -> KernelState {
        let settings = programs.settings
        var state = KernelState()
        state.memoryBytes = kernelBytes
        state.cgroupsKept = kept
        state.cgroupCapacity = settings.cgroupCapacity
        state.coreClasses = settings.topology.classes
        state.hasWaits = settings.tracksWaits
        state.hasSiblings = settings.topology.hasSiblings
        state.counters = settings.counters.map(\.name)
        state.countedTurns = programs.countedTurns
        return state
    }

    /// Every program that is loaded and what the kernel tells of it.
    package func programFacts() -> [(name: String, facts: Program.Facts)] {
        programs.programs.compactMap { program in (try? program.facts()).map { (program.name, $0) } }
    }

    private func name(of process: energyd_process) -> String {
        withUnsafeBytes(of: process.comm) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension CgroupTree {
    fileprivate var legacyNumber: UInt32? {
        if case .cpuacct(let number) = version { number } else { nil }
    }
}

extension Tier {
    fileprivate init(_ settings: KernelSettings, refusal: BPFError?) {
        let words = "CPU time is accounted in the kernel at every context switch"
        let reading = settings.reading == .batch ? "\(words) and read map by map" : words
        let names = settings.hasNames ? "" : "; the shortest-lived cgroups may stay without a name"
        self.init(
            settings.reading == .batch ? .ebpfBatch : .ebpf,
            reason: reading + names + (refusal.map { ": \($0)" } ?? ""), isDegraded: !settings.hasNames)
    }
}
