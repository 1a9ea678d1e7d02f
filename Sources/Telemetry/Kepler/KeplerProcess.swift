internal import Snapshot

/// A process as Kepler has it: by its number, wherever it ran.
struct KeplerProcess {
    private struct Key: Hashable {
        let pid: Int32
        let comm: String
        let container: String
        let machine: String
    }

    let pid: Int32
    let comm: String
    /// Empty outside of containers.
    let container: String
    /// Empty outside of virtual machines.
    let machine: String
    private(set) var cpuSeconds: Double
    private(set) var powerWatts: Double?
    private(set) var zones: NamedValues<Snapshot.ZoneEnergy>

    private init(_ process: Snapshot.Process, _ key: Key) {
        (pid, comm, container, machine) = (key.pid, key.comm, key.container, key.machine)
        (cpuSeconds, powerWatts, zones) = (process.cpuSeconds, process.powerWatts, process.zones)
    }

    /// Those with the most energy. One that was moved to another cgroup is there once, for its labels do not say so.
    static func largest(_ snapshot: Snapshot, _ limit: Int) -> [KeplerProcess] {
        var places: [Key: Int] = [:]
        var processes: [KeplerProcess] = []
        for process in snapshot.processes {
            let key = Key(
                pid: process.pid, comm: process.comm, container: id(process.workloadId, "container:"),
                machine: id(process.workloadId, "vm:"))
            if let place = places[key] {
                processes[place].add(process)
            } else {
                places[key] = processes.count
                processes.append(KeplerProcess(process, key))
            }
        }
        guard processes.count > limit else { return processes }
        let energy = processes.map { $0.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules } }
        let sorted = processes.indices.sorted {
            (energy[$1], processes[$0].pid, processes[$0].comm) < (energy[$0], processes[$1].pid, processes[$1].comm)
        }
        return sorted.prefix(limit).sorted().map { processes[$0] }
    }

    private mutating func add(_ other: Snapshot.Process) {
        cpuSeconds += other.cpuSeconds
        powerWatts = powerWatts.flatMap { sum in other.powerWatts.map { sum + $0 } }
        zones = NamedValues(
            names: zones.names,
            values: zip(zones.names, zones.values).map { name, value in
                let more = other.zones[name]
                return Snapshot.ZoneEnergy(
                    dynamicMicrojoules: value.dynamicMicrojoules + (more?.dynamicMicrojoules ?? 0),
                    staticMicrojoules: value.staticMicrojoules + (more?.staticMicrojoules ?? 0))
            })
    }

    /// What follows the kind in the id of a workload of this kind, which no other has; else empty.
    private static func id(_ workload: String, _ kind: String) -> String {
        workload.hasPrefix(kind) ? String(workload.dropFirst(kind.count)) : ""
    }
}
