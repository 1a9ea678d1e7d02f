internal import Accounting
internal import Attribution
internal import Snapshot
internal import Units

/// What each process used: a breakdown of the workloads, not a part of their tree.
struct ProcessLedger {
    private typealias Key = AccountingSample.ProcessUsage.Key

    private struct Entry {
        var comm: String
        var workload: Int
        var workloadID: String
        /// As reported.
        var reported: UInt64
        /// Since the agent started.
        var account = Account()
        /// The update after which it is dropped, unless heard of again.
        var lastUpdate = 0
    }

    private struct CommandKey: Hashable {
        let workloadID: String
        let comm: String
    }

    private var entries: [Key: Entry] = [:]
    private var commands: [CommandKey: Account] = [:]
    private var updates = 0

    /// A report may be lost: one that is missing this often is gone.
    private static let patience = 5
    /// CPU time of the window by workload, of its processes together, ns.
    private var windows: [Int: UInt64] = [:]
    /// Names are the user's to choose: where there are more, those that do not run are added up per workload.
    private static let commandLimit = 1000
    private static let otherCommands = "(other)"

    /// Takes in the tick's reports, which name every process there is; one that exited is shown once more.
    mutating func update(_ processes: [AccountingSample.ProcessUsage], in table: WorkloadTable, isBase: Bool) {
        updates += 1
        if commands.count >= Self.commandLimit { foldQuietCommands() }
        for key in commands.keys { commands[key]?.beginWindow() }
        for key in entries.keys { entries[key]?.account.beginWindow() }
        windows.removeAll(keepingCapacity: true)
        for process in processes {
            let key = process.key
            let workload = table.workload(ofCgroup: process.cgroup)
            if entries[key] == nil {
                guard let workload else { continue }
                let id = table.workloads[workload].id
                entries[key] = Entry(comm: process.comm, workload: workload, workloadID: id, reported: 0)
            }
            guard var entry = entries[key] else { continue }
            if let workload, workload != entry.workload {
                // Its cgroup has turned out to be another thing.
                entry.workload = workload
                entry.workloadID = table.workloads[workload].id
            }
            // A counter that fell is another process with the same pid, or one whose place had been given up.
            let used = process.cpuNanoseconds - (process.cpuNanoseconds >= entry.reported ? entry.reported : 0)
            entry.reported = process.cpuNanoseconds
            entry.comm = process.comm
            entry.lastUpdate = process.hasExited ? updates : updates + Self.patience
            if !isBase, used > 0 {
                entry.account.run(used, switches: 0)
                let (sum, overflows) = windows[entry.workload, default: 0].addingReportingOverflow(used)
                windows[entry.workload] = overflows ? .max : sum
                commands[command(of: entry), default: Account()].run(used, switches: 0)
            }
            entries[key] = entry
        }
        for (key, entry) in entries where entry.lastUpdate < updates { entries[key] = nil }
    }

    private mutating func foldQuietCommands() {
        for (key, account) in commands where account.windowNanoseconds == 0 && key.comm != Self.otherCommands {
            commands[key] = nil
            let other = CommandKey(workloadID: key.workloadID, comm: Self.otherCommands)
            commands[other, default: Account()].inherit(account)
        }
    }

    /// Passes on to each process its part of what its workload got in one zone, rounded down: by CPU time.
    ///
    /// Processes are read a moment after their cgroups and may have run in between: together they get no more than
    /// there is.
    ///
    /// - Parameters:
    ///   - shares: energy by workload index, uJ.
    ///   - weights: CPU time by workload index, ns.
    mutating func credit(_ shares: [UInt64], weights: [UInt64], zone: Int) {
        for (key, entry) in entries where entry.account.windowNanoseconds > 0 {
            guard weights[entry.workload] > 0 else { continue }
            let whole = max(weights[entry.workload], windows[entry.workload] ?? 0)
            let part = min(entry.account.windowNanoseconds, whole)
            let share = scale(shares[entry.workload], by: part, over: whole)
            entries[key]?.account.credit(share, zone: zone)
            commands[command(of: entry)]?.credit(share, zone: zone)
        }
    }

    private func command(of entry: Entry) -> CommandKey {
        let key = CommandKey(workloadID: entry.workloadID, comm: entry.comm)
        if commands[key] != nil || commands.count < Self.commandLimit { return key }
        return CommandKey(workloadID: entry.workloadID, comm: Self.otherCommands)
    }

    /// Lets go of the commands of workloads that are no longer shown.
    mutating func retire(keeping table: WorkloadTable) {
        let shown = Set(table.workloads.lazy.filter(\.isShown).map(\.id))
        commands = commands.filter { shown.contains($0.key.workloadID) }
    }

    mutating func endWindow(emissions: (Microjoules) -> Grams) {
        for key in entries.keys {
            guard let energy = entries[key]?.account.windowEnergy, energy > .zero else { continue }
            entries[key]?.account.emissions += emissions(energy)
        }
        for key in commands.keys {
            guard let energy = commands[key]?.windowEnergy, energy > .zero else { continue }
            commands[key]?.emissions += emissions(energy)
        }
    }

    /// Every name, as the state file has it.
    func saved() -> [LedgerState.Command] {
        commands.map { LedgerState.Command(workload: $0.workloadID, name: $0.comm, account: $1) }
    }

    /// Takes up the names of an earlier run; its processes begin anew.
    mutating func restore(_ saved: [LedgerState.Command]) {
        for command in saved {
            commands[CommandKey(workloadID: command.workload, comm: command.name)] = command.account
        }
    }

    func views(window: Double, zones: [String]) -> [Snapshot.Process] {
        entries.map { key, entry in
            Snapshot.Process(
                pid: key.pid, comm: entry.comm, workloadId: entry.workloadID,
                cpuSeconds: Seconds(nanoseconds: entry.account.cpuNanoseconds).value,
                cpuUsage: entry.account.cpuUsage(window: window), powerWatts: entry.account.watts(window: window),
                emissionsGrams: entry.account.emissions.value, zones: entry.account.energyByZone(zones))
        }
    }

    func commandViews(window: Double, zones: [String]) -> [Snapshot.Command] {
        commands.map { key, account in
            Snapshot.Command(
                comm: key.comm, workloadId: key.workloadID,
                cpuSeconds: Seconds(nanoseconds: account.cpuNanoseconds).value,
                powerWatts: account.watts(window: window), emissionsGrams: account.emissions.value,
                zones: account.energyByZone(zones))
        }
    }
}
