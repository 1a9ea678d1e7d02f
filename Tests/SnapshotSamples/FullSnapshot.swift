package import Snapshot

/// A node that has everything: every kind of workload, measured and estimated zones, an inlet meter, every optional
/// field. What it exports is the contract that `Golden/metrics.txt` guards.
package func fullSnapshot() -> Snapshot {
    var snapshot = Snapshot(
        timestamp: "2026-01-02T03:04:05.678Z", unixTime: 1_767_323_045.678, sequence: 42, windowSeconds: 1.000125,
        tier: "ebpf", tierReason: "BPF programs at sched_switch; drained in the kernel", node: fullNode(),
        carbon: Snapshot.CarbonState(intensityGramsPerKilowattHour: 381.5, source: "DE, 2024 (Ember)", pue: 1.25),
        workloads: fullWorkloads(), processes: fullProcesses(), commands: fullCommands(),
        aggregates: fullAggregates(), agent: fullAgent())
    var kernel = Snapshot.Kernel()
    kernel.memoryBytes = 1_782_579
    kernel.cgroupsKept = 37
    kernel.cgroupRoom = 4096
    kernel.countedTurns = 16
    kernel.chargedSeconds = 1234.567891234
    kernel.idleSeconds = 98765.4321
    kernel.stolenSeconds = 0.000_001_5
    kernel.comparedSeconds = 99_990.5
    kernel.unaccountedSeconds = -0.004
    kernel.cpuStatDifference = 0.000_012_345
    snapshot.kernel = kernel
    snapshot.carbon.factorType = "location"
    snapshot.carbon.factorScope = "lifecycle"
    snapshot.carbon.quality = "published"
    snapshot.cpus = [
        Snapshot.CPUTime(cpu: 0, idle: 100.25, iowait: 1.5, irq: 0, softirq: 0.75, steal: 0.01),
        Snapshot.CPUTime(cpu: 1, idle: 99.5, iowait: 2.25, irq: 0.5, softirq: 0.125, steal: 0.02),
    ]
    snapshot.bootUnixTime = 1_767_322_700
    return snapshot
}

private typealias Energy = Snapshot.ZoneEnergy

private func zones(_ package: (UInt64, UInt64), _ dram: (UInt64, UInt64)) -> NamedValues<Snapshot.ZoneEnergy> {
    [
        "package-0": Energy(dynamicMicrojoules: package.0, staticMicrojoules: package.1),
        "dram": Energy(dynamicMicrojoules: dram.0, staticMicrojoules: dram.1),
    ]
}

private func fullNode() -> Snapshot.Node {
    var package = Snapshot.ZoneState(
        name: "package-0", source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: 90_000_000_123,
        powerWatts: 41.372_918_4, staticWatts: 11.5, isUp: true)
    package.method = "counter"
    package.staticLowWatts = 9.25
    package.staticHighWatts = 16.5
    package.staticQuality = "extrapolated"
    package.dynamicQuality = "modelled"
    var model = Snapshot.Attribution(method: "model", reason: "cycles explain the meter better than CPU time")
    model.modelShare = 0.8125
    model.modelErrorWatts = 0.42
    model.cpuTimeErrorWatts = 1.75
    model.coefficients = ["cycles": 3.25e-9, "cpu_time": 4.5, "cache_misses": 1e-7]
    package.attribution = model
    package.loadCurve = [Snapshot.LoadPoint(utilization: 0.1, watts: 14, spreadWatts: 0.5, seconds: 60)]
    var dram = Snapshot.ZoneState(
        name: "dram", source: "estimate", quality: "estimated", hardware: "memory", energyMicrojoules: 5_000_001,
        powerWatts: 2, staticWatts: 1.5, isUp: true, powerLowWatts: 1.25, powerHighWatts: 3.5)
    dram.method = "computed"
    dram.attribution = Snapshot.Attribution(method: "cpu-time", reason: "an estimate is made of CPU time")
    var platform = Snapshot.ZoneState(
        name: "platform", source: "redfish", quality: "measured", hardware: "enclosure",
        energyMicrojoules: 123_456_789_012_345, powerWatts: nil, staticWatts: 20, isUp: false)
    platform.method = "remainder"
    func bucket(_ watts: Double, cpuSeconds: Double?, _ amounts: [UInt64]) -> Snapshot.Bucket {
        Snapshot.Bucket(
            cpuSeconds: cpuSeconds, powerWatts: watts, emissionsGrams: watts / 7,
            zones: Dictionary(uniqueKeysWithValues: zip(["package-0", "dram", "platform"], amounts)))
    }
    var node = Snapshot.Node(
        name: "node7.example", cpuModel: "AMD EPYC 9354P \"Genoa\"", cpuCount: 2, cpuSeconds: 5432.25, cpuUsage: 1.125,
        powerWatts: 43.372_918_4, emissionsGrams: 12.75, zones: [package, dram, platform],
        idle: bucket(12.5, cpuSeconds: nil, [45_000_000_000, 2_000_000, 100_000_000_000_000]),
        system: bucket(0.75, cpuSeconds: 17.25, [5_000_000, 12, 0]),
        unattributed: bucket(0, cpuSeconds: 0, [123, 0, 23_456_789_012_345]))
    node.staticPower = Snapshot.StaticPower(
        watts: 13, lowWatts: 9.75, highWatts: 19.5, quality: "prior", dynamicQuality: "estimated", quietestCPUs: 0.5)
    node.meter = Snapshot.NodeMeter(source: "redfish", quality: "measured", isInlet: true)
    return node
}

/// A workload with every field; `change` removes those that this one does not have.
private func workload(
    _ kind: String, _ id: String, name: String, path: String, parent: String? = nil, number: UInt64,
    labels: [String: String] = [:], _ change: (inout Snapshot.Workload) -> Void = { _ in }
) -> Snapshot.Workload {
    let factor = Double(number)
    var workload = Snapshot.Workload(
        id: id, kind: kind, name: name, cgroupPath: path, cgroupId: path.isEmpty ? 0 : 1000 + number, parentId: parent,
        isAlive: true, cpuSeconds: 10.123_456_789 * factor, cpuUsage: 0.25 * factor, contextSwitches: 100 * number,
        powerWatts: 1.1 * factor, emissionsGrams: 0.037 * factor,
        zones: zones((1_000_000 * number + 7, 0), (12_345 * number, 0)), labels: labels)
    var scheduling = Snapshot.Scheduling()
    scheduling.voluntarySwitches = 90 * number
    scheduling.involuntarySwitches = 10 * number
    scheduling.waitSeconds = 0.012_5 * factor
    scheduling.waitCounts = (0..<16).map { UInt64($0 * $0) * number }
    scheduling.sharedCoreSeconds = 3.5 * factor
    scheduling.cpuSecondsByClass = ["performance": 60.5, "efficiency": 10.25]
    scheduling.events = ["cycles": 123_456_789_012, "instructions": .max, "cache_misses": 0]
    if !path.isEmpty {
        scheduling.throttledSeconds = 0.75
        scheduling.throttledPeriods = 12 * number
        scheduling.pressureSeconds = ["cpu": 1.5, "memory": 0.001, "memory.full": 1e-6, "io": 0, "io.full": 2]
    }
    workload.scheduling = scheduling
    change(&workload)
    return workload
}

private func fullWorkloads() -> [Snapshot.Workload] {
    let uid = "0c1f2a3b-4d5e-6f70-8192-a3b4c5d6e7f8"
    let container = "4f7c1d0e9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d"
    let pod = [
        "k8s.pod.uid": uid, "k8s.pod.name": "web-7d9c", "k8s.namespace.name": "shop", "k8s.pod.qos": "burstable",
        "k8s.owner.kind": "Deployment", "k8s.owner.name": "web", "k8s.pod.label.team": "payments",
        "k8s.pod.annotation.on-call": "a \"quoted\" \\ word", "k8s.pod.cpu.request": "0.5",
        "k8s.pod.memory.request": "134217728",
    ]
    return [
        workload("namespace", "namespace:shop", name: "shop", path: "", number: 9),
        workload(
            "pod", "pod:\(uid)", name: "web-7d9c", path: "/kubepods/pod\(uid)", parent: "namespace:shop",
            number: 8, labels: pod),
        workload(
            "container", "container:\(container)", name: "nginx", path: "/kubepods/pod\(uid)/\(container)",
            parent: "pod:\(uid)", number: 7,
            labels: [
                "container.id": container, "container.name": "nginx", "container.runtime.name": "containerd",
                "container.image.name": "docker.io/library/nginx:1.27", "k8s.container.name": "nginx",
                "k8s.namespace.name": "shop", "k8s.pod.name": "web-7d9c", "k8s.pod.uid": uid, "vm.name": "guest",
            ]
        ) { workload in
            workload.zones = zones((7_000_000, 1_500_000), (99, 1))
        },
        workload(
            "container", "container:inner", name: "inner", path: "/kubepods/pod\(uid)/\(container)/inner",
            parent: "container:\(container)", number: 1, labels: ["container.id": "inner", "k8s.pod.uid": uid]
        ) { workload in
            workload.isNested = true
            workload.powerWatts = nil
            workload.scheduling = nil
            workload.contextSwitches = nil
            workload.zones = ["package-0": Energy(dynamicMicrojoules: 1, staticMicrojoules: 0)]
        },
        workload(
            "pod", "pod:unnamed", name: "unnamed", path: "/kubepods/podunnamed", number: 1,
            labels: ["k8s.pod.uid": "unnamed"]
        ) { $0.scheduling = nil },
        workload("slice", "slice:/system.slice", name: "system.slice", path: "/system.slice", number: 6),
        workload(
            "unit", "unit:/system.slice/ssh.service", name: "ssh.service", path: "/system.slice/ssh.service",
            parent: "slice:/system.slice", number: 5, labels: ["systemd.unit.description": "OpenBSD Secure Shell"]),
        workload(
            "unit", "unit:/system.slice/ssh.service/in.service", name: "in.service",
            path: "/system.slice/ssh.service/in.service", parent: "unit:/system.slice/ssh.service", number: 1
        ) {
            $0.isNested = true
            $0.isAlive = false
            $0.emissionsGrams = nil
            $0.scheduling = Snapshot.Scheduling()
        },
        workload("vm", "vm:/machine/qemu-1", name: "guest-1", path: "/machine/qemu-1", number: 4),
        workload(
            "job", "job:/slurm/uid_1000/job_303", name: "303", path: "/slurm/uid_1000/job_303", number: 7,
            labels: ["job.system": "slurm", "job.id": "303", "user.id": "1000", "user.name": "alice"]),
        workload("cgroup", "cgroup:77", name: "new\nline", path: "/odd\u{EF80}\nname", number: 3),
        workload("cgroup", "ended", name: "(ended)", path: "", number: 2) {
            $0.isAlive = false
            $0.scheduling = nil
        },
    ]
}

private func fullProcesses() -> [Snapshot.Process] {
    [
        Snapshot.Process(
            pid: 4711, comm: "nginx", workloadId: "container:inner", cgroupId: 1001, cpuSeconds: 1.5, cpuUsage: 0.5,
            powerWatts: 0.25, emissionsGrams: 0.01, zones: zones((77, 0), (1, 0)))
    ]
}

private func fullCommands() -> [Snapshot.Command] {
    [
        Snapshot.Command(
            comm: "nginx", workloadId: "container:inner", cpuSeconds: 1.5, powerWatts: 0.25, emissionsGrams: 0.01,
            zones: zones((77, 0), (1, 0))),
        Snapshot.Command(
            comm: "kworker/0:1 \"x\"", workloadId: "unit:/system.slice/ssh.service", cpuSeconds: 1e-5,
            powerWatts: nil, emissionsGrams: nil, zones: zones((1_000_000_000_000, 0), (0, 0))),
    ]
}

private func fullAggregates() -> [Snapshot.Aggregate] {
    [
        Snapshot.Aggregate(
            kind: "owner", name: "shop/Deployment/web", pods: 3, cpuSeconds: 81.5, cpuUsage: 2, contextSwitches: 800,
            powerWatts: 8.75, emissionsGrams: 0.3, zones: zones((8_000_007, 2), (3, 0)),
            labels: ["k8s.namespace.name": "shop", "k8s.owner.kind": "Deployment", "k8s.owner.name": "web"]),
        Snapshot.Aggregate(
            kind: "label", name: "team/payments", pods: 2, cpuSeconds: 40.75, cpuUsage: 1, contextSwitches: nil,
            powerWatts: 4.375, emissionsGrams: 0.15, zones: zones((4_000_000, 0), (0, 0)),
            labels: ["energyd.label.name": "team", "energyd.label.value": "payments"]),
    ]
}

private func fullAgent() -> Snapshot.AgentState {
    func source(_ name: String, _ configure: (inout Snapshot.SourceState) -> Void) -> Snapshot.SourceState {
        var source = Snapshot.SourceState(name: name, isUp: true, errors: 0, lastError: nil)
        configure(&source)
        return source
    }
    var agent = Snapshot.AgentState(
        version: "9.9.9", startTime: "2026-01-02T03:00:00.000Z", cpuSeconds: 0.123_456, residentBytes: 31_457_280,
        tickSeconds: 0.000_375, drainSeconds: 0.000_125, namingSeconds: 7e-6, lateTicks: 1,
        faults: ["power_wrap": 3, "connections_closed": 0, "ticks_failed": 1],
        sources: [
            source("rapl") {
                $0.reads = 84
                $0.ageSeconds = 0.002
                $0.intervalSeconds = 0
                $0.isInUse = true
                $0.refusedMicrojoules = ["package-0": 697_000_000, "dram-0": 0]
                $0.lostMicrojoules = ["package-0": 0, "dram-0": 30_000_000]
            },
            source("redfish") {
                $0.isUp = false
                $0.errors = 7
                $0.lastError = "HTTP 401"
                $0.reads = 0
                $0.isInUse = false
            },
        ],
        nameSources: [source("kubernetes") { _ in }, source("containerd") { $0.isUp = false }],
        notices: ["redfish: HTTP 401: check the password"])
    agent.crossChecks = [
        Snapshot.CrossCheckState(zone: "package-0", source: "rapl", other: "perf", ratio: 1.002, agrees: true),
        Snapshot.CrossCheckState(zone: "inlet", source: "redfish", other: "ipmi", ratio: 0.5, agrees: false),
    ]
    agent.aggregatedBy = ["owner", "label:team"]
    agent.cgroupsFolded = 9
    agent.startUnixTime = 1_767_322_800
    agent.processStartUnixTime = 1_767_323_000
    agent.certificateExpiryUnixTime = 1_798_858_800
    var export = Snapshot.ExportState(target: "https://collector.example:4318/v1/metrics")
    (export.queuedRequests, export.queuedBytes) = (3, 40_960)
    (export.sentPoints, export.rejectedPoints, export.droppedPoints) = (12_345, 7, 2)
    (export.failures, export.lastError, export.ageSeconds) = (5, "HTTP 503", 12.5)
    agent.exports = [export]
    return agent
}
