import Snapshot

/// A node with pods of two containers each, whose figures change with every tick as those of busy containers do.
struct SyntheticNode {
    private(set) var snapshot: Snapshot
    private let zones = ["package-0", "dram-0"]

    /// - Parameter hasProcesses: one for each container.
    init(containers: Int, hasProcesses: Bool = false) {
        func bucket(_ amount: UInt64) -> Snapshot.Bucket {
            Snapshot.Bucket(cpuSeconds: 1, powerWatts: 1, emissionsGrams: 0.5, zones: ["package-0": amount])
        }
        let zoneStates = zones.map {
            Snapshot.ZoneState(
                name: $0, source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: 1_000_000_000,
                powerWatts: 12, staticWatts: 3, isUp: true)
        }
        snapshot = Snapshot(
            timestamp: "2026-01-02T03:04:05.678Z", unixTime: 1_767_323_045.678, sequence: 0, windowSeconds: 1,
            tier: "ebpf", tierReason: "because",
            node: Snapshot.Node(
                name: "node7", cpuModel: "CPU", cpuCount: 4, cpuSeconds: 2, cpuUsage: 0.5, powerWatts: 12,
                emissionsGrams: 2, zones: zoneStates, idle: bucket(5), system: bucket(1), unattributed: bucket(3)),
            carbon: Snapshot.CarbonState(intensityGramsPerKilowattHour: 400, source: "test", pue: 1.2),
            workloads: [], processes: [], commands: [],
            agent: Snapshot.AgentState(
                version: "9.9.9", startTime: "2026-01-02T03:00:00.000Z", cpuSeconds: 0.1, residentBytes: 1000,
                tickSeconds: 0.001, drainSeconds: 0.0005, lateTicks: 0, faults: [:], sources: [], notices: []))
        for number in 0..<containers / 2 {
            let uid = "0c1f2a3b-4d5e-6f70-8192-\(String(1_000_000_000_000 + number, radix: 16))"
            let names = ["k8s.pod.uid": uid, "k8s.pod.name": "web-\(number)", "k8s.namespace.name": "shop"]
            add("pod", "pod:\(uid)", parent: nil, path: "/kubepods/pod\(uid)", names)
            for half in 0..<2 {
                let id =
                    String(UInt64.max / 3 - UInt64(number * 2 + half), radix: 16) + String(repeating: "7a", count: 24)
                let labels = names.merging([
                    "container.id": id, "container.runtime.name": "containerd", "k8s.container.name": "c\(half)",
                    "container.image.name": "docker.io/library/nginx:1.27",
                ]) { $1 }
                add("container", "container:\(id)", parent: "pod:\(uid)", path: "/kubepods/pod\(uid)/\(id)", labels)
                guard hasProcesses else { continue }
                snapshot.processes.append(
                    Snapshot.Process(
                        pid: Int32(1000 + snapshot.processes.count), comm: "nginx: worker",
                        workloadId: "container:\(id)",
                        cgroupId: UInt64(snapshot.workloads.count), cpuSeconds: 0, cpuUsage: 0, powerWatts: 0,
                        emissionsGrams: 0, zones: [:]))
            }
        }
    }

    private mutating func add(
        _ kind: String, _ id: String, parent: String?, path: String, _ labels: [String: String]
    ) {
        var workload = Snapshot.Workload(
            id: id, kind: kind, name: id, cgroupPath: path, cgroupId: UInt64(snapshot.workloads.count),
            parentId: parent,
            isAlive: true, cpuSeconds: 0, cpuUsage: 0, contextSwitches: 0, powerWatts: 0, emissionsGrams: 0,
            zones: [:], labels: labels)
        workload.scheduling = Snapshot.Scheduling()
        snapshot.workloads.append(workload)
    }

    /// A second in which every workload used something.
    mutating func tick() {
        snapshot.sequence += 1
        let time = Double(snapshot.sequence)
        for index in snapshot.workloads.indices {
            let share = Double(index % 977 + 1) / 977
            snapshot.workloads[index].cpuSeconds = (time * share * 1e9).rounded() / 1e9
            snapshot.workloads[index].powerWatts = share * 3.3
            snapshot.workloads[index].emissionsGrams = share * time * 0.000_366_3
            snapshot.workloads[index].contextSwitches = snapshot.sequence * UInt64(index)
            snapshot.workloads[index].scheduling?.voluntarySwitches = snapshot.sequence * UInt64(index)
            snapshot.workloads[index].scheduling?.involuntarySwitches = snapshot.sequence
            snapshot.workloads[index].scheduling?.waitSeconds = (time * share * 1e7).rounded() / 1e9
            let energy = UInt64(share * time * 3_300_000)
            snapshot.workloads[index].zones = NamedValues(
                names: zones,
                values: [
                    Snapshot.ZoneEnergy(dynamicMicrojoules: energy, staticMicrojoules: 0),
                    Snapshot.ZoneEnergy(dynamicMicrojoules: energy / 9, staticMicrojoules: 0),
                ])
        }
        for index in snapshot.processes.indices {
            let share = Double(index % 977 + 1) / 977
            let energy = UInt64(share * time * 3_300_000)
            snapshot.processes[index].cpuSeconds = (time * share * 1e9).rounded() / 1e9
            snapshot.processes[index].powerWatts = share * 3.3
            snapshot.processes[index].zones = NamedValues(
                names: zones,
                values: [
                    Snapshot.ZoneEnergy(dynamicMicrojoules: energy, staticMicrojoules: 0),
                    Snapshot.ZoneEnergy(dynamicMicrojoules: energy / 9, staticMicrojoules: 0),
                ])
        }
    }
}
