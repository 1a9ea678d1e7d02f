import Accounting
import Attribution
import Engine
import Impact
import Ledger
import Linux
import Logging
import Names
import Recording
import Snapshot
import TestSupport
import Workloads

/// A whole node in virtual time: its cgroups, meters, names and clock follow a script.
///
/// Every kind of workload is there: a Kubernetes node that also runs Docker, a virtual machine, units in units, and
/// plain directories.
final class ScriptedNode {
    /// What the kernel programs would report.
    final class ScriptedKernel: Accounting {
        let tier = Tier(.ebpf, reason: "scripted", isDegraded: false)
        var next = AccountingSample()
        /// Cumulative by cgroup.
        private var usage: [UInt64: UsageCounters] = [:]
        /// What the next readings fail with.
        var failure: (any Error)?

        func read(into sample: inout AccountingSample) throws {
            if let failure { throw failure }
            next.usage = usage.sorted { $0.key < $1.key }.map {
                AccountingSample.Usage(cgroup: $0.key, counters: $0.value)
            }
            sample = next
            (next.created, next.renamed, next.removed, next.forgotten) = ([], [], [], [])
            next.processes.removeAll(where: \.hasExited)
        }

        /// Lets a cgroup run: two thirds on the fast cores, some of it beside a busy sibling, with waits and events.
        func run(_ cgroup: UInt64, milliseconds: UInt64) {
            let nanoseconds = milliseconds * 1_000_000
            var counters = usage[cgroup] ?? UsageCounters()
            counters.classNanoseconds[0] += nanoseconds * 2 / 3
            counters.classNanoseconds[1] += nanoseconds - nanoseconds * 2 / 3
            counters.sharedNanoseconds += nanoseconds / 10
            counters.waitNanoseconds += nanoseconds / 20
            counters.voluntarySwitches += milliseconds / 2
            counters.involuntarySwitches += milliseconds / 10
            counters.waits[3] += milliseconds / 4
            counters.waits[15] += 1
            counters.counted &+= SIMD4(nanoseconds, nanoseconds * 3, nanoseconds * 4, milliseconds * 1000)
            usage[cgroup] = counters
            next.cpu?.charged += nanoseconds
        }

        func runProcess(_ pid: Int32, _ comm: String, in cgroup: UInt64, milliseconds: UInt64, exits: Bool = false) {
            let index =
                next.processes.firstIndex { $0.pid == pid && $0.cgroup == cgroup } ?? next.processes.endIndex
            if index == next.processes.endIndex {
                next.processes.append(
                    AccountingSample.ProcessUsage(cgroup: cgroup, pid: pid, cpuNanoseconds: 0, comm: comm))
            }
            next.processes[index].cpuNanoseconds += milliseconds * 1_000_000
            next.processes[index].hasExited = exits
        }
    }

    let host: FakeHost
    let time = ManualTime(1000)
    let kernel = ScriptedKernel()
    let names = NameFeed()
    let engine: Engine
    private(set) var configuration: EngineConfiguration
    private var instant: SuspendingClock.Instant

    static let id = (
        web: String(repeating: "a1", count: 32), batch: String(repeating: "b2", count: 32),
        docker: String(repeating: "c3", count: 32), inner: String(repeating: "d4", count: 32),
        webPod: "0c3e8a52-1111-4222-8333-444455556666", batchPod: "0c3e8a52-1111-4222-8333-777788889999"
    )

    private static let cgroups: [(UInt64, String)] = {
        func pod(_ uid: String) -> String {
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
                + uid.replacing("-", with: "_") + ".slice"
        }
        return [
            (1, "/"), (10, "/system.slice"), (11, "/system.slice/sshd.service"), (20, "/user.slice"),
            (21, "/user.slice/user-1000.slice"), (22, "/user.slice/user-1000.slice/user@1000.service"),
            (23, "/user.slice/user-1000.slice/user@1000.service/app.slice/build.service"),
            (30, "/machine.slice"), (31, "/machine.slice/machine-qemu\\x2d1\\x2ddebian.scope"),
            (40, "/kubepods.slice"), (41, "/kubepods.slice/kubepods-burstable.slice"), (42, pod(id.webPod)),
            (43, pod(id.webPod) + "/cri-containerd-\(id.web).scope"), (44, pod(id.batchPod)),
            (45, pod(id.batchPod) + "/cri-containerd-\(id.batch).scope"), (50, "/docker"),
            (51, "/docker/\(id.docker)"), (52, "/docker/\(id.docker)/docker/\(id.inner)"), (60, "/batch"),
            (61, "/batch/job"),
        ]
    }()

    /// - Parameters:
    ///   - isMetered: false for a node without any power meter.
    ///   - recorder: notes what the engine takes in.
    init(isMetered: Bool, policy: StaticPolicy = .none, recorder: Recorder? = nil) throws {
        host = try FakeHost()
        if !isMetered { for zone in ["intel-rapl:0:0", "intel-rapl:0"] { host.rapl.remove(zone) } }
        instant = SuspendingClock().systemEpoch
        try host.setMachine(busyTicks: 1000, kernelTicks: 10)
        for path in ["/system.slice", "/docker", "/docker/\(Self.id.docker)", "/batch"] { try host.makeCgroup(path) }
        var cpu = CPUTimeTotals()
        cpu.moment = instant
        cpu.online = 2
        cpu.onlineThroughout = 2
        var state = KernelState()
        state.memoryBytes = 1_700_000
        state.cgroupsKept = Self.cgroups.count
        state.cgroupCapacity = 4096
        state.coreClasses = ["performance", "efficiency"]
        state.hasWaits = true
        state.hasSiblings = true
        state.counters = ["cycles", "instructions", "cache_misses"]
        state.countingPeriod = 4
        kernel.next.cpu = cpu
        kernel.next.kernel = state
        kernel.next.faults = ["records_lost": 2, "processes_overflowed": 0]
        kernel.next.created = Self.cgroups.map { AccountingSample.Cgroup(id: $0, path: $1) }
        let (feed, clock) = (names, ManualClock(time: time))
        configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(3))
        configuration.paths = host.paths
        configuration.accounting.tier = .procfs
        configuration.nodeName = "node7"
        configuration.nameWait = .seconds(1)
        configuration.accounting.processes = .on
        configuration.names = feed
        configuration.rollUps = RollUpDimensions(labels: ["team"])
        configuration.accounting.tracksWaits = true
        configuration.staticPolicy = policy
        configuration.carbon = CarbonModel(intensity: .world, pue: 1.5)
        let wanted = configuration
        engine = try host.makeEngine(
            clock: clock, accounting: kernel,
            ownUsage: OwnUsage(cpuSeconds: 0.25, residentBytes: 30_000_000), recorder: recorder
        ) { $0 = wanted }
    }

    /// A window of one second in which the node draws power and everything in it runs.
    func tick(after seconds: Double = 1, load: UInt64 = 1) throws -> Snapshot {
        time.advance(by: seconds)
        instant += .seconds(seconds)
        kernel.next.cpu?.moment = instant
        let milliseconds = UInt64(seconds * 1000)
        if load > 0 {
            for (cgroup, share) in [
                (1, 5), (11, 20), (22, 10), (23, 60), (31, 300), (43, 400), (45, 100), (51, 80), (52, 30), (61, 40),
            ] as [(UInt64, UInt64)] { kernel.run(cgroup, milliseconds: share * load * milliseconds / 1000) }
            kernel.runProcess(100, "sshd", in: 11, milliseconds: 20 * load)
            kernel.runProcess(200, "nginx: worker", in: 43, milliseconds: 250 * load)
            kernel.runProcess(201, "nginx: worker", in: 43, milliseconds: 150 * load)
            kernel.next.kernelNanoseconds += 15_000_000 * load
            kernel.next.overflowNanoseconds += 3_000_000 * load
        }
        kernel.next.cpu?.idle += milliseconds * 1_000_000
        kernel.next.cpu?.stolen += milliseconds * 10_000
        if host.energy["intel-rapl:0"] != nil {
            try host.draw("intel-rapl:0", microjoules: milliseconds * 20_000 + load * milliseconds * 30_000)
            try host.draw("intel-rapl:0:0", microjoules: milliseconds * 2000 + load * milliseconds * 1000)
        }
        return try engine.tick()
    }

    /// What Kubernetes would report of the pods.
    func announce(_ pods: Pod...) {
        names.report("kubernetes", error: nil)
        for pod in pods {
            let common = ["k8s.namespace.name": pod.namespace, "k8s.pod.name": pod.name]
            var facts = common
            facts["k8s.pod.qos"] = "Burstable"
            facts["k8s.owner.kind"] = "Deployment"
            facts["k8s.owner.name"] = pod.owner
            facts["k8s.pod.label.team"] = pod.team
            facts["k8s.pod.annotation.cost"] = "42"
            facts["k8s.pod.cpu.request"] = "0.5"
            facts["k8s.pod.memory.request"] = "134217728"
            var container = common
            container["k8s.container.name"] = "app"
            container["container.image.name"] = "registry.example/app:1"
            names.publish([
                NameFeed.Update(.pod(pod.uid), source: .kubernetes, facts: facts),
                NameFeed.Update(.container(pod.container), source: .kubernetes, facts: container),
            ])
        }
    }

    struct Pod {
        var uid: String
        var container: String
        var namespace: String
        var name: String
        var owner: String
        var team: String
    }

    /// Four windows: at rest, busy with late names, one pod that ends, the time after it was forgotten.
    func play() throws -> Snapshot {
        _ = try tick(load: 0)
        announce(
            Pod(
                uid: Self.id.webPod, container: Self.id.web, namespace: "shop", name: "web-5d4f-x2x", owner: "web",
                team: "checkout"))
        _ = try tick()
        announce(
            Pod(
                uid: Self.id.batchPod, container: Self.id.batch, namespace: "jobs", name: "etl \"nightly\"",
                owner: "etl", team: "data"))
        try host.throttle("/batch", microseconds: 5000)
        _ = try tick(load: 2)
        kernel.next.removed = [44, 45, 61]
        kernel.next.forgotten = [44, 45, 61]
        kernel.runProcess(300, "make", in: 23, milliseconds: 10, exits: true)
        let snapshot = try tick(after: 0.5)
        return snapshot
    }
}
