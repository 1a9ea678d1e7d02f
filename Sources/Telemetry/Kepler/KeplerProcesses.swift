internal import Snapshot

/// Processes as Kepler has them: by number and name, wherever they run.
///
/// The accounting has a row for each cgroup that a process ran in, and drops that of a cgroup that it was moved out of. No
/// label of Kepler's says which cgroup it is in, so what it used in the others is kept here for as long as it runs: a
/// counter that falls is counted twice by `increase()`.
///
/// Belongs to one thread at a time.
final class KeplerProcesses {
    fileprivate struct Key: Hashable {
        let pid: Int32
        let comm: String
        /// What follows the kind in the id of a container or machine; empty elsewhere.
        let container: String
        let machine: String
    }

    /// A process as it is exported.
    final class Process {
        let pid: Int32
        let comm: String
        /// Empty outside of containers.
        let container: String
        /// Empty outside of virtual machines.
        let machine: String
        var labels = KeplerLabels()
        private var present = Figures()
        /// Of rows that are gone.
        private var past: Figures?
        private(set) var powerWatts: Double?
        fileprivate var update: UInt64 = 0

        fileprivate init(_ key: Key) {
            (pid, comm, container, machine) = (key.pid, key.comm, key.container, key.machine)
        }

        var cpuSeconds: Double { Double(present.nanoseconds + (past?.nanoseconds ?? 0)) / 1e9 }
        var zones: NamedValues<Snapshot.ZoneEnergy> { past.map { present.plus($0).zones } ?? present.zones }
        fileprivate var energy: UInt64 { zones.values.reduce(0) { $0 + $1.dynamicMicrojoules } }

        fileprivate func begin(_ figures: Figures, watts: Double?) { (present, powerWatts) = (figures, watts) }

        fileprivate func add(_ figures: Figures, watts: Double?) {
            present = present.plus(figures)
            powerWatts = powerWatts.flatMap { sum in watts.map { sum + $0 } }
        }

        fileprivate func keep(_ figures: Figures) { past = past?.plus(figures) ?? figures }
    }

    /// What a row counts.
    fileprivate struct Figures {
        /// ns: whole numbers, so that sums are the same in any order.
        var nanoseconds: UInt64 = 0
        var zones: NamedValues<Snapshot.ZoneEnergy> = [:]

        init() {}

        init(_ row: Snapshot.Process) {
            nanoseconds = UInt64(max(0, min(row.cpuSeconds * 1e9, 1e18)).rounded())
            zones = row.zones
        }

        func plus(_ other: Figures) -> Figures {
            var sum = self
            sum.nanoseconds += other.nanoseconds
            let names = zones.names + other.zones.names.filter { zones[$0] == nil }
            sum.zones = NamedValues(
                names: names,
                values: names.map { name in
                    let (a, b) = (zones[name], other.zones[name])
                    return Snapshot.ZoneEnergy(
                        dynamicMicrojoules: (a?.dynamicMicrojoules ?? 0) + (b?.dynamicMicrojoules ?? 0),
                        staticMicrojoules: (a?.staticMicrojoules ?? 0) + (b?.staticMicrojoules ?? 0))
                })
            return sum
        }

        /// Whether it is not what followed after `before`, but began anew.
        func hasBegunAnew(after before: Figures) -> Bool {
            if nanoseconds < before.nanoseconds { return true }
            if zones.names == before.zones.names {
                return zip(zones.values, before.zones.values).contains { $0.dynamicMicrojoules < $1.dynamicMicrojoules }
            }
            return zones.contains { name, value in
                before.zones[name].map { value.dynamicMicrojoules < $0.dynamicMicrojoules } ?? false
            }
        }
    }

    /// Where a row is: in one cgroup there is one of each number.
    private struct Place: Hashable {
        let cgroup: UInt64
        let pid: Int32
    }

    private final class Row {
        let comm: String
        let workload: String
        let process: Process
        var last: Figures
        var update: UInt64

        init(_ row: Snapshot.Process, _ figures: Figures, of process: Process, update: UInt64) {
            (comm, workload, self.process, last, self.update) = (row.comm, row.workloadId, process, figures, update)
        }
    }

    private var rows: [Place: Row] = [:]
    private var processes: [Key: Process] = [:]
    /// In the order of the snapshot.
    private var all: [Process] = []
    private var node = ""
    private var sequence: UInt64 = 0
    private var updates: UInt64 = 0

    /// Takes in the rows of a snapshot. O(rows), and a look-up for each. One that is older than the last changes nothing:
    /// of two requests the later may be answered first.
    func update(_ snapshot: Snapshot) {
        guard snapshot.sequence >= sequence else { return }
        sequence = snapshot.sequence
        // Labels have the name of the node.
        if node != snapshot.node.name { (rows, processes, node) = ([:], [:], snapshot.node.name) }
        updates += 1
        all.removeAll(keepingCapacity: true)
        for index in snapshot.processes.indices { take(snapshot.processes[index]) }
        for (place, row) in rows.filter({ $0.value.update != updates }) {
            row.process.keep(row.last)
            rows[place] = nil
        }
        if processes.count > all.count { processes = processes.filter { $0.value.update == updates } }
    }

    private func take(_ report: Snapshot.Process) {
        let figures = Figures(report)
        let place = Place(cgroup: report.cgroupId ?? 0, pid: report.pid)
        let process: Process
        if let row = rows[place], row.comm == report.comm, row.workload == report.workloadId {
            process = row.process
            if figures.hasBegunAnew(after: row.last) { process.keep(row.last) }
            row.last = figures
            row.update = updates
        } else {
            // Under other labels it is another series, which has what it brings along from its beginning.
            let key = Key(report)
            process = processes[key] ?? Process(key)
            processes[key] = process
            if let row = rows[place], row.process !== process { row.process.keep(row.last) }
            rows[place] = Row(report, figures, of: process, update: updates)
        }
        if process.update == updates {
            process.add(figures, watts: report.powerWatts)
        } else {
            process.update = updates
            process.begin(figures, watts: report.powerWatts)
            all.append(process)
        }
    }

    /// Those with the most energy, in the order of the snapshot.
    func largest(_ limit: Int) -> [Process] {
        guard all.count > limit else { return all }
        let energy = all.map(\.energy)
        let sorted = all.indices.sorted { a, b in
            // Equal ones by number and name, so that the selection does not alternate between them.
            energy[a] != energy[b]
                ? energy[a] > energy[b] : (all[a].pid, all[a].comm) < (all[b].pid, all[b].comm)
        }
        return sorted.prefix(limit).sorted().map { all[$0] }
    }
}

extension KeplerProcesses.Key {
    fileprivate init(_ row: Snapshot.Process) {
        func id(_ kind: String) -> String {
            row.workloadId.hasPrefix(kind) ? String(row.workloadId.dropFirst(kind.count)) : ""
        }
        self.init(pid: row.pid, comm: row.comm, container: id("container:"), machine: id("vm:"))
    }
}
