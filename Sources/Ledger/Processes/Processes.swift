internal import Accounting
internal import Attribution
internal import Impact
internal import Units

/// What each process used: a breakdown of the workloads, not a part of their tree.
///
/// A window costs what ran in it, and one look-up for each process that is reported.
package struct Processes {
    package struct Process {
        package let pid: Int32
        package fileprivate(set) var name: String
        package fileprivate(set) var workload: WorkloadID
        package fileprivate(set) var workloadKey: String
        package fileprivate(set) var totals = Totals()
        /// False for a place that waits for its next process.
        package fileprivate(set) var isShown = true
        package let cgroup: UInt64
        /// CPU time as last reported, ns.
        fileprivate var reported: UInt64 = 0
        /// The update after which it is dropped, unless reported again.
        fileprivate var lastUpdate = 0
        /// Place of the sum over its name.
        fileprivate var command: Int?
    }

    private var processes: [Process] = []
    private var byKey: [AccountingSample.ProcessUsage.Key: Int] = [:]
    private var free: [Int] = []
    /// Sums over the processes of one name, which do not vanish with the processes.
    package internal(set) var commands = Commands()
    /// Processes by place that ran in the present window.
    private var active = ChangeSet()
    /// Processes by place since the last ``forgetChanges()``.
    package private(set) var changes = ChangeSet()
    private var updates = 0
    /// See ``WorkloadTree/regroupings``.
    private var regroupings = 0

    /// A report may be lost: a process that is missing this often is gone.
    private static let patience = 5

    package subscript(place: Int) -> Process { processes[place] }

    /// Places of the processes that are shown. O(processes).
    package var places: some Sequence<Int> { processes.indices.lazy.filter { processes[$0].isShown } }

    /// Takes in the tick's reports, which name every process there is; one that exited is shown once more.
    mutating func update(_ reports: [AccountingSample.ProcessUsage], in tree: WorkloadTree, isBase: Bool) {
        updates += 1
        beginWindow()
        // Cgroups may have turned out to be part of another workload.
        let hasRegrouped = regroupings != tree.regroupings
        regroupings = tree.regroupings
        for report in reports {
            guard let place = byKey[report.key] ?? add(report, in: tree) else { continue }
            let hasRun = report.cpuNanoseconds != processes[place].reported
            processes[place].lastUpdate = report.hasExited ? updates : updates + Self.patience
            guard hasRun || hasRegrouped else { continue }
            if hasRegrouped { regroup(place, in: tree) }
            if processes[place].name != report.comm {
                processes[place].name = report.comm
                processes[place].command = nil
                changes.insert(place, .description)
            }
            // A counter that fell is another process with the same pid, or one whose place had been given up.
            let before = processes[place].reported
            let used = report.cpuNanoseconds - (report.cpuNanoseconds >= before ? before : 0)
            processes[place].reported = report.cpuNanoseconds
            if !isBase, used > 0 { run(place, used) }
        }
        for place in processes.indices where processes[place].isShown && processes[place].lastUpdate < updates {
            remove(place)
        }
    }

    private mutating func add(_ report: AccountingSample.ProcessUsage, in tree: WorkloadTree) -> Int? {
        guard let workload = tree.id(ofCgroup: report.cgroup), let key = tree[workload]?.key else { return nil }
        let process = Process(
            pid: report.pid, name: report.comm, workload: workload, workloadKey: key, cgroup: report.cgroup)
        let place = free.popLast() ?? processes.endIndex
        if place == processes.endIndex { processes.append(process) } else { processes[place] = process }
        byKey[report.key] = place
        changes.insert(place, [.totals, .description])
        return place
    }

    private mutating func regroup(_ place: Int, in tree: WorkloadTree) {
        guard let workload = tree.id(ofCgroup: processes[place].cgroup), workload != processes[place].workload,
            let key = tree[workload]?.key
        else { return }
        processes[place].workload = workload
        processes[place].workloadKey = key
        processes[place].command = nil
        changes.insert(place, .description)
    }

    private mutating func remove(_ place: Int) {
        byKey[.init(cgroup: processes[place].cgroup, pid: processes[place].pid)] = nil
        processes[place].isShown = false
        processes[place].totals = Totals()
        changes.insert(place, .description)
        free.append(place)
    }

    private mutating func run(_ place: Int, _ nanoseconds: UInt64) {
        active.insert(place, .totals)
        changes.insert(place, .totals)
        processes[place].totals.run(nanoseconds)
        let process = processes[place]
        let command =
            process.command.flatMap { commands.isOf($0, process.workloadKey, process.name) ? $0 : nil }
            ?? commands.place(workload: process.workloadKey, name: process.name)
        processes[place].command = command
        commands.change(command) { $0.run(nanoseconds) }
    }

    // MARK: Windows

    private mutating func beginWindow() {
        for place in active.places where processes[place].isShown {
            processes[place].totals.beginWindow()
            changes.insert(place, .rates)
        }
        active.removeAll()
        commands.beginWindow()
    }

    /// Passes on to each process its part of the dynamic energy that its workload got in the window, rounded down: by
    /// CPU time.
    ///
    /// Processes are read a moment after their cgroups and may have run in between: together they get no more than
    /// their workload.
    mutating func credit(_ window: Window, in tree: WorkloadTree) {
        guard !active.isEmpty, window.zoneCount > 0 else { return }
        var used = [UInt64](repeating: 0, count: window.rows.count)
        for place in active.places {
            guard let row = row(of: place, window, tree) else { continue }
            used[row] = used[row].saturatingPlus(processes[place].totals.windowNanoseconds)
        }
        for place in active.places where processes[place].isShown {
            let process = processes[place]
            guard let row = row(of: place, window, tree), window.rows[row].cpuNanoseconds > 0 else { continue }
            let whole = max(window.rows[row].cpuNanoseconds, used[row])
            let part = min(process.totals.windowNanoseconds, whole)
            for zone in 0..<window.zoneCount where row < window.dynamicEnergy[zone].count {
                let share = scale(window.dynamicEnergy[zone][row], by: part, over: whole)
                processes[place].totals.credit(dynamic: share, zone: zone)
                if let command = process.command { commands.change(command) { $0.credit(dynamic: share, zone: zone) } }
            }
        }
    }

    /// Not by the place alone, which may be another workload's by now.
    private func row(of place: Int, _ window: Window, _ tree: WorkloadTree) -> Int? {
        let workload = processes[place].workload
        return tree[workload] == nil ? nil : window.row(ofPlace: workload.index)
    }

    mutating func endWindow(_ rates: Rates) {
        for place in active.places { processes[place].totals.endWindow(rates) }
        commands.endWindow(rates)
    }

    mutating func forgetChanges() {
        changes.removeAll()
        commands.forgetChanges()
    }

    /// Drops the processes and commands of workloads that are no longer shown. O(processes + commands).
    mutating func retire(keeping tree: WorkloadTree) {
        for place in processes.indices where processes[place].isShown && tree[processes[place].workload] == nil {
            remove(place)
        }
        commands.retire(keeping: tree)
    }

    /// Traps where processes contradict each other or `tree`. For tests.
    package func _checkInvariants(_ tree: WorkloadTree) {
        for (place, process) in processes.enumerated() {
            let key = AccountingSample.ProcessUsage.Key(cgroup: process.cgroup, pid: process.pid)
            precondition(process.isShown ? byKey[key] == place : free.contains(place), "\(key) cannot be looked up")
        }
        precondition(byKey.count == processes.count { $0.isShown }, "a process is there twice")
        commands._checkInvariants()
    }
}
