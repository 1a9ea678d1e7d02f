package import BPF
internal import CEnergyBPF
package import Linux

/// Tiers `ebpf` and `ebpf-batch`: the kernel programs account, this reads them.
///
/// A reading costs what ran since the one before, not what exists: the programs stamp every slot with the window in
/// which it was charged, and only recent ones are read. Every ``fullReadingPeriod``th reading, and one after a loss, looks
/// at all of them.
package final class KernelAccounting: Accounting {
    package private(set) var tier: Tier

    var programs: KernelPrograms
    let trees: [CgroupTree]
    let paths: HostPaths
    let directory: CgroupDirectory
    /// Slots that the table of cgroups may grow to.
    let maxCgroups: Int
    var totals = CgroupTotals()
    var perCPU: [energyd_cpu]
    var idle: IdleTime
    var faults: [String: UInt64] = [:]
    var lifecycleLost: UInt64 = 0
    var overflowBefore: UInt64 = 0
    var kernelBytes: UInt64 = 0
    var nextGrowth = ContinuousClock.now
    let loader = ProgramLoader()

    private var processes = ProcessList()
    private var quiet = QuietProcesses()
    /// Cgroups that were charged and that the directory does not know yet.
    private var unknown: Set<UInt64> = []
    /// Of the tick: swapped with the sample's for its storage.
    private var usage: [AccountingSample.Usage] = []
    /// Processes that the present full reading has found.
    private var found: Set<AccountingSample.ProcessUsage.Key> = []
    private var collectsFound = false
    var window: UInt32 = 0
    var needsFullReading = true
    /// The walk in progress: what is left of it, and what is done.
    private var walks: [(tree: CgroupTree, walk: CgroupWalk)] = []
    private var finished: [CgroupWalk] = []
    private var hasWalked = false

    /// Cgroups that were removed and that the kernel's table is still to forget.
    private var forgettable: [UInt64] = []
    private var lastReading = ContinuousClock.now
    /// A hundredth of the time since the last reading, and at least 8 ms. A tick may take a tenth of its interval; each kind
    /// of work that users can cause without limit has a few of these shares.
    private var share = shares.lowerBound

    /// Time for the walk of the first reading, before there are ticks. A cgroup takes about 20 us, but milliseconds while
    /// somebody makes and removes many.
    private static let firstWalkTime = Duration.milliseconds(1500)
    private static let shares = Duration.milliseconds(8)...Duration.milliseconds(600)
    /// How cgroups are followed at present.
    private(set) var events: KernelSettings.Events
    private let limitation: String?

    /// Where tracepoints follow cgroups, the deepest level at which they may: there the kernel takes some 0.1 ms for an
    /// event, with interrupts off; at 3,000 levels it would be 40 ms.
    package static let deepestFollowed = 64
    static let fullReadingPeriod: UInt32 = 64

    /// Loads and attaches the programs and learns every cgroup there is.
    ///
    /// - Parameters:
    ///   - trees: the hierarchies to account: the unified one, and that of version 1 where there is one.
    ///   - maxCgroups: the table of cgroups may grow to this; what does not fit is not lost but unnamed.
    ///   - limitation: why `settings` leave something out, for the user.
    package init(
        trees: [CgroupTree], paths: HostPaths = HostPaths(), settings: KernelSettings, maxCgroups: Int = 65536,
        limitation: String? = nil
    ) throws(BPFError) {
        self.trees = trees
        self.paths = paths
        self.maxCgroups = max(maxCgroups, settings.cgroupCapacity)
        tier = Tier(settings.reading, events: settings.events, limitation: limitation)
        events = settings.events
        self.limitation = limitation
        var settings = settings
        settings.legacyHierarchy = trees.lazy.compactMap(\.legacyNumber).first ?? 0
        programs = try KernelPrograms(settings)
        try programs.attach()
        kernelBytes = programs.kernelBytes
        perCPU = Array(repeating: energyd_cpu(), count: Machine.possibleCPUs)
        idle = IdleTime(cpuCount: Machine.possibleCPUs)
        let roots = trees.map { (root: $0.root, isUnified: $0.version == .unified, owner: owner(of: $0.root)) }
        directory = CgroupDirectory(
            hasEvents: settings.events != .none, seesAll: trees.allSatisfy { $0.version != .unified || $0.isHostRoot }
        ) { id, path in
            let isUnified = id & CgroupTree.legacyBit == 0
            guard let tree = roots.first(where: { $0.isUnified == isUnified }) else { return false }
            guard path != "/", let access = DirectoryAccess(of: tree.root + path) else { return false }
            return access.owner != tree.owner || access.isShared
        }
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
        // Its buffer is shared with the list: without this the list would be copied at the first change.
        sample.processes = []
        processes.beginTick()
        let now = ContinuousClock.now
        share = min(max((now - lastReading) / 100, Self.shares.lowerBound), Self.shares.upperBound)
        lastReading = now
        takeReplacement()
        try flushAll()
        // What runs on from here is charged in the next window, however long the reading takes.
        let moment = SuspendingClock.now
        // Names before totals: a cgroup that was charged is then known.
        try takeLifecycle(shares: 3)
        try readTotals()
        usage.append(contentsOf: totals.takeUnreported())
        try takeLifecycle(shares: 1)
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        summarize(at: moment, into: &sample)
        updateDirectory(into: &sample)
        for key in quiet.evict(from: processes, in: programs, procfs: paths.procfs) { processes.end(key) }
        growIfCrowded()
        swap(&sample.usage, &usage)
        usage.removeAll(keepingCapacity: usage.capacity < 4 * sample.usage.count + 1024)
        sample.processes = processes.all
        sample.faults = faults.merging([
            "cgroup_directories_unread": directory.unreadDirectories, "cgroups_untracked": directory.refused,
        ]) { $1 }
    }

    /// Takes in which cgroups were made and removed: some 3 us each. What is left is taken in by the next call.
    ///
    /// A name that is read after its cgroup was removed is lost. So the limit is on CPU time; wall-clock time may be twice
    /// that while other threads use the CPU.
    ///
    /// - Parameter shares: see ``share``.
    private func takeLifecycle(shares: Double) throws(BPFError) {
        let (start, startOfWork) = (ContinuousClock.now, ThreadTime.now)
        let limit = share * shares
        func isOver() -> Bool {
            let passed = ContinuousClock.now - start
            return passed >= limit && (passed >= limit * 2 || ThreadTime.now - startOfWork >= limit)
        }
        try programs.lifecycle.consume(isOver: isOver) { record in directory.apply(record) }
    }

    /// Charges what is in flight. Idle CPUs are left asleep: nothing is in flight there.
    private func flushAll() throws(BPFError) {
        try programs.cpus.readPerCPU(key: 0, into: &perCPU)
        for cpu in perCPU.indices where perCPU[cpu].pid != 0 {
            // One that went offline meanwhile, say: what runs there is charged at its next switch.
            do { try programs.flush.run(onCPU: cpu) } catch { faults["flushes_failed", default: 0] += 1 }
        }
    }

    /// Reads the totals of the present programs into ``usage`` and the list of processes.
    func readTotals() throws(BPFError) {
        window += 1
        let isFull = needsFullReading || window % Self.fullReadingPeriod == 0
        needsFullReading = true
        found.removeAll(keepingCapacity: true)
        collectsFound = isFull
        try programs.beginWindow(window)
        let lost = try programs.readTotals(window: window, isFull: isFull, into: self)
        needsFullReading = lost > 0
        if isFull, lost == 0 { processes.keep(found) }
    }

    /// The tracepoints must not be used any more once somebody has made a deep tree: they would stall the node.
    private func leaveDeepTrees() {
        // Programs that are being replaced are not touched.
        guard events == .tracepoints, directory.deepest > Self.deepestFollowed, !loader.isBusy else { return }
        programs.detachEvents()
        directory.endEvents()
        events = .none
        faults["cgroup_events_ended"] = 1
        tier = Tier(
            programs.settings.reading, events: .none,
            limitation: [
                "there are cgroups more than \(Self.deepestFollowed) levels deep, and following them there would stall the "
                    + "node; remove them and restart the agent", limitation,
            ].compactMap(\.self).joined(separator: "; "))
    }

    private func updateDirectory(into sample: inout AccountingSample) {
        // Some of them were announced after their first total.
        if !unknown.isEmpty { unknown = unknown.filter { !directory.knows($0) } }
        if walks.isEmpty, directory.needsWalk(hasUnknown: !unknown.isEmpty, lostEvents: lifecycleLost) {
            walks = trees.map { (tree: $0, walk: $0.startWalk()) }
            directory.beginWalk()
        }
        walkOn(until: ContinuousClock.now + (hasWalked ? share : Self.firstWalkTime))
        leaveDeepTrees()
        directory.report(into: &sample)
        forget(until: ContinuousClock.now + share, &sample)
    }

    /// Frees the places of removed cgroups in the kernel's table: some ten system calls for each.
    private func forget(until end: ContinuousClock.Instant, _ sample: inout AccountingSample) {
        forgettable += directory.takeForgettable()
        while ContinuousClock.now < end, let id = forgettable.popLast() {
            sample.forgotten.append(id)
            totals.forget(id)
            do {
                try programs.cgroups.forget(energyd_key(id: id, legacyHierarchy: programs.settings.legacyHierarchy))
            } catch {
                faults["cgroups_not_forgotten", default: 0] += 1
            }
        }
    }

    /// Takes the walk in progress a step further: a tree of any size costs a tick only so much.
    private func walkOn(until end: ContinuousClock.Instant) {
        while let (tree, walk) = walks.first {
            do {
                let isDone = try walk.step(.max, isOver: { ContinuousClock.now >= end }) { node in
                    // What is at the root of a version 1 hierarchy is accounted in the unified one.
                    if node.parent >= 0 || tree.version == .unified { directory.visit(node) }
                }
                guard isDone else { return }
            } catch {
                // Nothing was found: then nothing may be taken for gone.
                faults["cgroup_walks_failed", default: 0] += 1
                walks = []
                return
            }
            finished.append(walk)
            walks.removeFirst()
            if walks.isEmpty { endWalk() }
        }
    }

    private func endWalk() {
        if !trees.contains(where: { $0.version == .unified }) {
            // There is a unified hierarchy even where it is not mounted: its root has this number.
            directory.visit(CgroupTree.Node(id: 1, path: "/", parent: -1))
        }
        directory.endWalk(unread: finished.flatMap(\.unreadLater), unknown: unknown)
        finished = []
        hasWalked = true
    }

    /// Every program that is loaded and what the kernel knows about it.
    package func programFacts() -> [(name: String, facts: Program.Facts)] {
        programs.programs.compactMap { program in (try? program.facts()).map { (program.name, $0) } }
    }
}

extension KernelAccounting: TotalsReceiver {
    func receive(cgroup key: energyd_key, _ counters: UsageCounters) {
        let id = key.cgroupID
        guard let counters = totals.update(id, counters) else { return }
        usage.append(.init(cgroup: id, counters: counters))
        if !directory.noteUsage(of: id, cpuNanoseconds: counters.cpuNanoseconds) { unknown.insert(id) }
    }

    func receive(_ process: energyd_process, cpuNanoseconds: UInt64) {
        let comm = withUnsafeBytes(of: process.comm) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let usage = AccountingSample.ProcessUsage(
            cgroup: process.owner.cgroupID, pid: Int32(bitPattern: process.owner.tgid),
            cpuNanoseconds: cpuNanoseconds, comm: comm, hasExited: process.state != ENERGYD_PROCESS_RUNNING.rawValue)
        processes.update(usage, isFinal: process.state == ENERGYD_PROCESS_REPORTED.rawValue)
        if collectsFound { found.insert(usage.key) }
    }

    func receiveUnknown() { faults["records_unknown", default: 0] += 1 }

    func receiveMissing(_ count: UInt64) { faults["counter_records_missing", default: 0] += count }
}

extension CgroupTree {
    fileprivate var legacyNumber: UInt32? {
        if case .cpuacct(let number) = version { number } else { nil }
    }
}
