package import BPF
internal import CEnergyBPF
package import Linux

/// Tiers A and B: the kernel programs account, this reads them.
package final class KernelAccounting: Accounting {
    package let tier: Tier

    private var programs: KernelPrograms
    private let trees: [CgroupTree]
    private let paths: HostPaths
    private let directory: CgroupDirectory
    /// Cgroups to keep room for at most.
    private let mostCgroups: Int

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
    ///   - mostCgroups: room for cgroups may grow up to this; what does not fit is not lost but unnamed.
    ///   - refusal: why a load with everything was refused; `settings` leave out what stood in the way.
    package init(
        trees: [CgroupTree], paths: HostPaths = HostPaths(), settings: KernelSettings, mostCgroups: Int = 65536,
        without refusal: BPFError? = nil
    ) throws(BPFError) {
        self.trees = trees
        self.paths = paths
        self.mostCgroups = max(mostCgroups, settings.cgroupRoom)
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

    package func read(into activity: inout Activity) throws(BPFError) {
        // Before Linux 5.19 every use of programs and maps needs the capability, not only their making.
        guard tier.name == "A" else {
            return try Privileges.tracing { () throws(BPFError) in try readNow(into: &activity) }
        }
        try readNow(into: &activity)
    }

    private func readNow(into activity: inout Activity) throws(BPFError) {
        activity.beginTick()
        try flushAll()
        // Names before counters, so that whoever is counted is known.
        try programs.lifecycle.consume { record in directory.note(record) }
        try readUsage(into: &activity)
        try programs.lifecycle.consume { record in directory.note(record) }
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        summarize(at: .now, into: &activity)

        // Some of them were told of after their first counter.
        strangers.removeAll { directory.knows($0) }
        if directory.needsWalk(hasStranger: !strangers.isEmpty, lostEvents: lifecycleLost) {
            do {
                directory.reconcile(with: try walk(), strangers: strangers)
            } catch {
                faults["cgroup_walks_failed", default: 0] += 1
            }
        }
        directory.report(into: &activity)
        activity.forgotten = directory.takeForgettable()
        forget(activity.forgotten, usage: activity.usage)
        quiet.evict(activity.processes, from: programs, procfs: paths.procfs)
        growIfCrowded(kept: activity.usage.count)
        activity.faults = faults.merging(["cgroup_directories_unread": directory.unreadDirectories]) { $1 }
    }

    /// Charges what is in flight. Idle CPUs are left asleep: nothing is in flight there.
    private func flushAll() throws(BPFError) {
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        for cpu in perCPU.indices where perCPU[cpu].pid != 0 {
            // One that went offline meanwhile, say: what runs there is charged at its next switch.
            do { try programs.flush.run(onCPU: cpu) } catch { faults["flushes_failed", default: 0] += 1 }
        }
    }

    private func readUsage(into activity: inout Activity) throws(BPFError) {
        drainNumber &+= 1
        strangers.removeAll(keepingCapacity: true)
        let missing = try programs.readUsage(drain: drainNumber) { key, counters in
            var counters = counters
            if !carried.isEmpty, let before = carried[key.id] {
                counters += before
                toldOfCarried[key.id] = counters
            }
            activity.usage.append(Activity.Usage(cgroup: key.id, counters: counters))
            if !directory.noteUsage(of: key.id, cpuNanoseconds: counters.cpuNanoseconds) { strangers.append(key.id) }
        } process: { key, process in
            activity.processes.append(
                Activity.ProcessUsage(
                    cgroup: key.cgroupID, pid: Int32(bitPattern: key.tgid), cpuNanoseconds: process.cpu_ns,
                    comm: name(of: process), hasExited: process.state != ENERGYD_PROCESS_RUNNING.rawValue))
        } unknown: {
            faults["records_unknown", default: 0] += 1
        }
        if !carried.isEmpty {
            // Those that have not run since the programs were replaced, or whose record was lost.
            let seen = Set(activity.usage.lazy.map(\.cgroup))
            for (id, counters) in carried where !seen.contains(id) {
                activity.usage.append(Activity.Usage(cgroup: id, counters: toldOfCarried[id] ?? counters))
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

    private func forget(_ cgroups: [UInt64], usage: [Activity.Usage]) {
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
        let room = programs.settings.cgroupRoom
        let overflow = perCPU.reduce(0) { $0 + $1.overflow.cpu_ns }
        let isFull = overflow > overflowBefore
        overflowBefore = overflow
        guard isFull || kept > room / 8 * 7, room < mostCgroups, ContinuousClock.now >= nextGrowth else { return }
        do {
            var settings = programs.settings
            settings.cgroupRoom = min(mostCgroups, max(room * 2, (liveCgroups() * 2).roundedUpToPowerOfTwo))
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
        var activity = Activity()
        do {
            try old.lifecycle.consume { record in directory.note(record) }
            try readUsage(into: &activity)
        } catch {
            // Then the old ones go on: what they have counted must not be lost.
            try old.attach()
            throw error
        }
        for usage in activity.usage { carried[usage.cgroup] = usage.counters }
        programs = new
        kernelBytes = new.kernelBytes
    }

    // MARK: The whole machine

    private func summarize(at moment: SuspendingClock.Instant, into activity: inout Activity) {
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
        let named = activity.usage.reduce(departed) { $0 + $1.cpuNanoseconds }
        activity.cpu = CPUTruth(
            charged: named + total.kernel.cpu_ns + total.overflow.cpu_ns, idle: idle.total, stolen: total.stolen_ns,
            moment: moment, online: online.count, steady: idle.steady)
        activity.kernelNanoseconds = total.kernel.cpu_ns
        activity.overflowNanoseconds = total.overflow.cpu_ns
        activity.kernel = kernelState(kept: activity.usage.count)
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
        return KernelState(
            memoryBytes: kernelBytes, cgroupsKept: kept, cgroupRoom: settings.cgroupRoom,
            coreClasses: settings.topology.classes, hasWaits: settings.tracksWaits,
            hasSiblings: settings.topology.hasSiblings, counters: settings.counters.map(\.name),
            countedTurns: programs.countedTurns)
    }

    /// Every program that is loaded and what the kernel tells of it.
    package func programFacts() -> [(name: String, facts: Program.Facts)] {
        programs.programs.compactMap { program in (try? program.facts()).map { (program.name, $0) } }
    }

    private func name(of process: energyd_process) -> String {
        withUnsafeBytes(of: process.comm) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// For how long CPUs were idle, what is in flight included.
private struct IdleTime {
    /// Since the start, ns.
    private(set) var total: UInt64 = 0
    /// CPUs that were online at this and the last update.
    private(set) var steady = 0
    private var before: [UInt64?]
    private var wallBefore: UInt64 = 0

    init(cpuCount: Int) {
        before = Array(repeating: nil, count: cpuCount)
    }

    /// - Parameter online: a CPU that is not there is not idle; what it slept through is told at its next event and
    ///   left out.
    mutating func update(_ cpus: [energyd_cpu], online: [Int]) {
        // The clocks of the run queues agree; the latest of them is now.
        let wall = cpus.reduce(0) { max($0, $1.wall_ns) }
        let window = wall > wallBefore ? wall - wallBefore : 0
        let online = Set(online)
        steady = 0
        for cpu in cpus.indices {
            // One that has not switched since the start has no beginning yet.
            guard online.contains(cpu), cpus[cpu].wall_ns > 0 else {
                before[cpu] = nil
                continue
            }
            let inFlight = cpus[cpu].pid == 0 ? wall - cpus[cpu].wall_ns : 0
            let now = cpus[cpu].idle_ns + inFlight
            if let before = before[cpu] {
                steady += 1
                if now > before { total += min(now - before, window) }
            }
            before[cpu] = max(now, before[cpu] ?? 0)
        }
        wallBefore = wall
    }
}

/// Frees the places of processes that will not be charged any more although their exit there was not seen: those that
/// were moved to another cgroup, or whose memory took long to tear down.
private struct QuietProcesses {
    /// What each process had used at the last eviction.
    private var usage: [Activity.ProcessUsage.Key: UInt64] = [:]
    private var next = ContinuousClock.now + interval
    private static let interval = Duration.seconds(60)

    mutating func evict(_ reported: [Activity.ProcessUsage], from programs: KernelPrograms, procfs: String) {
        let now = ContinuousClock.now
        guard programs.settings.processRoom > 0, now >= next else { return }
        next = now + Self.interval
        let isCrowded = reported.count > programs.processes.capacity / 4 * 3
        for process in reported where usage[process.key] == process.cpuNanoseconds {
            guard isCrowded || !fileExists("\(procfs)/\(process.pid)") else { continue }
            let cgroup = energyd_cgroup_key(
                id: process.cgroup, legacyHierarchy: programs.settings.legacyHierarchy)
            _ = try? programs.processes.remove(
                energyd_process_key(
                    cgroup: cgroup.cgroup, tgid: UInt32(bitPattern: process.pid), hierarchy: cgroup.hierarchy))
        }
        usage = Dictionary(reported.map { ($0.key, $0.cpuNanoseconds) }) { $1 }
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
            name: settings.reading == .batch ? "B" : "A",
            reason: reading + names + (refusal.map { ": \($0)" } ?? ""), isDegraded: !settings.hasNames)
    }
}
