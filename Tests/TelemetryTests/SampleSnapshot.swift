import Snapshot

/// A node with one container, whose names are hostile.
func sampleSnapshot(containerName: String = "web") -> Snapshot {
    func energy(_ amount: UInt64) -> Snapshot.ZoneEnergy {
        Snapshot.ZoneEnergy(dynamicMicrojoules: amount, staticMicrojoules: 0)
    }
    func bucket(_ amount: UInt64) -> Snapshot.Bucket {
        Snapshot.Bucket(cpuSeconds: nil, powerWatts: 1, emissionsGrams: 0.5, zones: ["package-0": amount])
    }
    let workloads = [
        Snapshot.Workload(
            id: "pod:u", kind: "pod", name: "u", cgroupPath: "/kubepods/podu", cgroupId: 7, parentId: nil,
            isAlive: true, cpuSeconds: 1.5, cpuUsage: 0.5, contextSwitches: 9, powerWatts: 3, emissionsGrams: 0.25,
            zones: ["package-0": energy(4_000_001)], labels: ["k8s.pod.uid": "u"]),
        Snapshot.Workload(
            id: "container:abc", kind: "container", name: "abc", cgroupPath: "/kubepods/podu/abc", cgroupId: 8,
            parentId: "pod:u", isAlive: true, cpuSeconds: 1.5, cpuUsage: 0.5, contextSwitches: 9, powerWatts: 3,
            emissionsGrams: 0.25, zones: ["package-0": energy(4_000_001)],
            labels: ["container.id": "abc", "container.name": containerName, "k8s.pod.uid": "u"]),
    ]
    return Snapshot(
        timestamp: "2026-01-02T03:04:05.678Z", unixTime: 1_767_323_045.678, sequence: 2, windowSeconds: 1, tier: "ebpf",
        tierReason: "because",
        node: Snapshot.Node(
            name: "node7", cpuModel: "CPU", cpuCount: 4, cpuSeconds: 2, cpuUsage: 0.5, powerWatts: 12,
            emissionsGrams: 2,
            zones: [
                Snapshot.ZoneState(
                    name: "package-0", source: "rapl", quality: "measured", hardware: "cpu",
                    energyMicrojoules: 10_000_006, powerWatts: 12, staticWatts: 3, isUp: true)
            ], idle: bucket(5_000_000), system: bucket(1_000_002), unattributed: bucket(3)),
        carbon: Snapshot.CarbonState(intensityGramsPerKilowattHour: 400, source: "test", pue: 1.2),
        workloads: workloads, processes: [], commands: [],
        agent: Snapshot.AgentState(
            version: "9.9.9", startTime: "2026-01-02T03:00:00.000Z", cpuSeconds: 0.1, residentBytes: 1000,
            tickSeconds: 0.001, drainSeconds: 0.0005, lateTicks: 0, faults: ["power_wrap": 3],
            sources: [Snapshot.SourceState(name: "rapl", isUp: true, errors: 2, lastError: "x")], notices: []))
}
