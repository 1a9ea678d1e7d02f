import Snapshot

/// A small node with every kind of workload, to change as a test needs.
enum Samples {
    static func workload(
        _ id: String, kind: String = "cgroup", name: String? = nil, parent: String? = nil, watts: Double = 1,
        joules: UInt64 = 1, isAlive: Bool = true, labels: [String: String] = [:]
    ) -> Snapshot.Workload {
        Snapshot.Workload(
            id: id, kind: kind, name: name ?? id, cgroupPath: "/\(id)", cgroupId: 1, parentId: parent,
            isAlive: isAlive, cpuSeconds: 1, cpuUsage: watts / 10, contextSwitches: 1, powerWatts: watts,
            emissionsGrams: 0,
            zones: ["package-0": .init(dynamicMicrojoules: joules * 1_000_000, staticMicrojoules: 0)],
            labels: labels)
    }

    static func process(_ pid: Int32, _ comm: String, workload: String, watts: Double) -> Snapshot.Process {
        Snapshot.Process(
            pid: pid, comm: comm, workloadId: workload, cgroupId: nil, cpuSeconds: 1, cpuUsage: 0.1, powerWatts: watts,
            emissionsGrams: 0, zones: [:])
    }

    static func snapshot(
        _ workloads: [Snapshot.Workload] = tree, processes: [Snapshot.Process] = [], sequence: UInt64 = 5
    ) -> Snapshot {
        let zone = Snapshot.ZoneState(
            name: "package-0", source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: 5_000_000,
            powerWatts: 40, staticWatts: 10, isUp: true)
        let bucket = Snapshot.Bucket(cpuSeconds: nil, powerWatts: 10, emissionsGrams: 0, zones: [:])
        return Snapshot(
            timestamp: "2026-01-01T12:00:00Z", unixTime: 1_767_323_045.678, sequence: sequence, windowSeconds: 1,
            tier: "ebpf", tierReason: "all here",
            node: .init(
                name: "node7", cpuModel: "x", cpuCount: 8, cpuSeconds: 9, cpuUsage: 1.5, powerWatts: 40,
                emissionsGrams: 1, zones: [zone], idle: bucket, system: bucket, unattributed: bucket),
            carbon: .init(intensityGramsPerKilowattHour: 400, source: "yearly mean of Testland", pue: 1.5),
            workloads: workloads, processes: processes, commands: [],
            agent: .init(
                version: "1", startTime: "2026-01-01T00:00:00Z", cpuSeconds: 0, residentBytes: 0, tickSeconds: 0,
                drainSeconds: 0, lateTicks: 0, faults: [:], sources: [], notices: []))
    }

    static func aggregate(_ name: String, watts: Double, joules: UInt64, labels: [String: String]) -> Snapshot.Aggregate
    {
        Snapshot.Aggregate(
            kind: labels["k8s.owner.name"] == nil ? "label" : "owner", name: name, pods: 9, cpuSeconds: 1,
            cpuUsage: watts / 10, contextSwitches: 1, powerWatts: watts, emissionsGrams: 0,
            zones: ["package-0": .init(dynamicMicrojoules: joules * 1_000_000, staticMicrojoules: 0)], labels: labels)
    }

    /// Two Deployments, one of which has ended, and the label `team`; one pod has neither.
    static var kubernetes: Snapshot {
        func pod(_ id: String, owner: String?, team: String?, isAlive: Bool = true) -> Snapshot.Workload {
            var labels = ["k8s.namespace.name": "shop", "k8s.pod.uid": id]
            if let owner { labels.merge(["k8s.owner.kind": "Deployment", "k8s.owner.name": owner]) { $1 } }
            labels["k8s.pod.label.team"] = team
            return workload(id, kind: "pod", watts: 2, joules: 3, isAlive: isAlive, labels: labels)
        }
        // A container whose pod has no cgroup of its own, and one that its pod stands for already.
        var alone = pod("alone", owner: "web", team: "pay")
        alone.kind = "container"
        var inside = workload("inside", kind: "container", parent: "b", labels: ["k8s.pod.uid": "b"])
        inside.labels["k8s.namespace.name"] = "shop"
        var snapshot = snapshot([
            pod("a", owner: "web", team: "pay"), pod("b", owner: nil, team: nil), alone, inside,
            pod("c", owner: "old", team: "ops", isAlive: false),
        ])
        func owner(_ name: String) -> [String: String] {
            ["k8s.namespace.name": "shop", "k8s.owner.kind": "Deployment", "k8s.owner.name": name]
        }
        func label(_ name: String, _ value: String) -> [String: String] {
            ["energyd.label.name": name, "energyd.label.value": value]
        }
        snapshot.aggregates = [
            aggregate("shop/Deployment/web", watts: 4, joules: 60, labels: owner("web")),
            aggregate("shop/Deployment/old", watts: 0, joules: 3, labels: owner("old")),
            aggregate("team/pay", watts: 4, joules: 6, labels: label("team", "pay")),
            aggregate("team/ops", watts: 0, joules: 3, labels: label("team", "ops")),
            aggregate("app.kubernetes.io/name/x", watts: 1, joules: 1, labels: label("app.kubernetes.io/name", "x")),
        ]
        snapshot.agent.aggregatedBy = ["owner", "label:team", "label:app.kubernetes.io/name"]
        return snapshot
    }

    static let tree = [
        workload("system.slice", kind: "slice", watts: 3),
        workload("ssh.service", kind: "unit", parent: "system.slice", watts: 1),
        workload("db.service", kind: "unit", parent: "system.slice", watts: 2, joules: 50),
        workload(
            "namespace:shop", kind: "namespace", name: "shop", watts: 13, joules: 9,
            labels: ["k8s.namespace.name": "shop"]),
        workload(
            "pod-a", kind: "pod", parent: "namespace:shop", watts: 9, labels: ["k8s.namespace.name": "shop"]),
        workload("web", kind: "container", parent: "pod-a", watts: 9, labels: ["k8s.pod.name": "pod-a"]),
        workload(
            "pod-b", kind: "pod", parent: "namespace:shop", watts: 4, labels: ["k8s.namespace.name": "shop"]),
        workload("pod-c", kind: "pod", watts: 5),
        workload(
            "old", kind: "pod", parent: "namespace:shop", watts: 0, joules: 7, isAlive: false,
            labels: ["k8s.namespace.name": "shop"]),
    ]
}
